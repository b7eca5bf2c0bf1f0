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
func SelectorSetName(canonical string) string { return setName(setID("s", canonical)) }

// NamedPortSetName is the name of the IP set of the addresses and ports that the endpoints of a
// selector call by a name, for one protocol.
func NamedPortSetName(canonical, protocol, port string) string {
	return setName(setID("n", setID("s", canonical)+","+protocol+","+port))
}

func setID(kind, content string) string {
	hash := sha256.Sum224([]byte(kind + ":" + content))
	return kind + ":" + base64.RawURLEncoding.EncodeToString(hash[:])
}

func setName(id string) string { return ("cali40" + id)[:maxSetName] }
