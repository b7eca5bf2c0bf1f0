package rules

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
)

const (
	maxChainName       = 28
	maxNativeChainName = 256
)

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

// chainName is prefix and name, or where that is too long for the packet filter, the prefix and a hash.
func (config Config) chainName(prefix, name string) string {
	limit := maxChainName
	if config.Native {
		limit = maxNativeChainName
	}
	whole := prefix + name
	if len(whole) < limit || len(whole) == limit && !strings.HasPrefix(name, "_") {
		return whole
	}
	hash := sha256.Sum256([]byte(name))
	encoded := base64.RawURLEncoding.EncodeToString(hash[:])
	return prefix + "_" + encoded[:min(len(encoded), limit-1-len(prefix))]
}
