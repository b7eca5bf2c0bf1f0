package rules

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

const maxChainName = 28

// Prefixes of the chains of policies, profiles and endpoints.
const (
	policyInbound   = "cali-pi-"
	policyOutbound  = "cali-po-"
	groupInbound    = "cali-gi-"
	groupOutbound   = "cali-go-"
	profileInbound  = "cali-pri-"
	profileOutbound = "cali-pro-"
	toWorkload      = "cali-tw-"
	fromWorkload    = "cali-fw-"
)

// chainName is prefix and name, or where that is too long for iptables, the prefix and a hash.
func chainName(prefix, name string) string {
	whole := prefix + name
	if len(whole) < maxChainName || len(whole) == maxChainName && !strings.HasPrefix(name, "_") {
		return whole
	}
	hash := sha256.Sum256([]byte(name))
	return prefix + "_" + base64.RawURLEncoding.EncodeToString(hash[:])[:maxChainName-1-len(prefix)]
}
