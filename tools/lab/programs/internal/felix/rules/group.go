package rules

import (
	"crypto/sha3"
	"encoding/base64"
	"fmt"
	"strings"
)

type direction struct{ name, policyPrefix, groupPrefix string }

var (
	inbound  = direction{"inbound", policyInbound, groupInbound}
	outbound = direction{"outbound", policyOutbound, groupOutbound}
)

const (
	groupNameLength = 20
	// A group is left early, if a verdict is there, after every so many policies.
	groupStride = 5
)

// groupPolicies puts neighbours with one selector together: they apply to the same endpoints.
func groupPolicies(policies []PolicyRef) [][]PolicyRef {
	var groups [][]PolicyRef
	for _, policy := range policies {
		last := len(groups) - 1
		if last >= 0 && groups[last][0].Selector == policy.Selector {
			groups[last] = append(groups[last], policy)
		} else {
			groups = append(groups, []PolicyRef{policy})
		}
	}
	return groups
}

func (config Config) groupChain(group []PolicyRef, direction direction) Chain {
	lines := []string{group[0].Selector, direction.name, fmt.Sprint(len(group))}
	chain := Chain{}
	for position, policy := range group {
		lines = append(lines, fmt.Sprintf("{Name: %s, Namespace: %s, Kind: %s}", policy.ID.Name, policy.ID.Namespace, policy.ID.Kind))
		rule := Rule{Action: jump(config.chainName(direction.policyPrefix, policy.ID.short()))}
		switch {
		case position%groupStride != 0:
			rule.Match = match(markClear(MarkAccept | MarkPass))
		case position > 0:
			chain.Rules = append(chain.Rules, Rule{Comments: []string{"Return on verdict"},
				Match: match(markNotClear(MarkAccept | MarkPass)), Action: jump("RETURN")})
		}
		chain.Rules = append(chain.Rules, rule)
	}
	hash := sha3.Sum224([]byte(strings.Join(lines, "\n") + "\n"))
	chain.Name = direction.groupPrefix + base64.RawURLEncoding.EncodeToString(hash[:])[:groupNameLength]
	return chain
}
