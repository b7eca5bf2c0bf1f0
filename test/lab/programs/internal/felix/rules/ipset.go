package rules

import (
	"crypto/sha256"
	"encoding/base64"
)

// Names of the IP sets that every node has.
const (
	SetThisHost   = "cali40this-host"
	SetAllHosts   = "cali40all-hosts-net"
	SetVXLANHosts = "cali40all-vxlan-net"
	SetMasqPools  = "cali40masq-ipam-pools"
	SetAllPools   = "cali40network-ip-pools"
	SetDSCP       = "cali40dscp-src-net"
)

const maxSetName = 31

// SelectorSetName is the name of the IP set of the endpoints that a selector, given in its
// canonical text, selects.
func SelectorSetName(canonical string) string {
	hash := sha256.Sum224([]byte("s:" + canonical))
	return ("cali40s:" + base64.RawURLEncoding.EncodeToString(hash[:]))[:maxSetName]
}
