package rules

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// renderOld is everything that Felix 2.x keeps in a node's tables: no tiers and no groups, one rule that
// drops, comments that name no policy, marks of another mask, and a chain of its own that accepts
// what is forwarded. Source: felix 2.6, rules/static.go and rules/endpoints.go.
func renderOld(config Config, node Node) []Table {
	config.Native = false
	filter := slices.Concat(oldFilterStatic(config), dispatch(config, node.Endpoints))
	for _, endpoint := range node.Endpoints {
		filter = append(filter, oldEndpointChains(config, endpoint)...)
	}
	for _, policy := range node.Policies {
		filter = append(filter,
			oldRuleChain(config, config.chainName(policyInbound, policy.ID.qualified()), policy.Ingress),
			oldRuleChain(config, config.chainName(policyOutbound, policy.ID.qualified()), policy.Egress))
	}
	for _, profile := range node.Profiles {
		filter = append(filter,
			oldRuleChain(config, config.chainName(profileInbound, profile.Name), profile.Ingress),
			oldRuleChain(config, config.chainName(profileOutbound, profile.Name), profile.Egress))
	}
	tables := []Table{
		table("mangle", []Hook{inserted("PREROUTING")}, oldMangleStatic(config)),
		table("raw", []Hook{inserted("PREROUTING"), inserted("OUTPUT")}, oldRawStatic(config)),
		table("filter", []Hook{inserted("INPUT"), inserted("FORWARD"), inserted("OUTPUT")}, filter),
		table("nat", []Hook{inserted("PREROUTING"), inserted("OUTPUT"), inserted("POSTROUTING")}, natStatic(config)),
	}
	for _, table := range tables {
		for _, chain := range table.Chains {
			for at, rule := range chain.Rules {
				chain.Rules[at] = respelled(rule)
			}
		}
	}
	return tables
}

func oldFilterStatic(config Config) []Chain {
	pods := config.InterfacePrefix + "+"
	toHostEndpoint := []Rule{
		{Action: clearMark(marksOfAPacket)},
		{Action: jump("cali-to-host-endpoint")},
		{Comments: []string{hepAccepted}, Match: match(markSet(MarkAccept)), Action: jump("ACCEPT")},
	}
	input := []Rule{{Match: match(markSet(MarkAccept)), Action: jump("ACCEPT")}}
	if config.IPIP {
		input = append(input, Rule{Comments: []string{"Drop IPIP packets from non-Calico hosts"},
			Match: match("-p 4", setNotMatch(SetAllHosts, "src")), Action: jump("DROP")})
	}
	return []Chain{
		{Name: "cali-FORWARD", Rules: []Rule{
			{Match: match(in(pods)), Action: jump(fromDispatch)},
			{Match: match(out(pods)), Action: jump(toDispatch)},
			{Match: match(in(pods)), Action: jump("ACCEPT")},
			{Match: match(out(pods)), Action: jump("ACCEPT")},
			{Action: clearMark(marksOfAPacket &^ MarkAccept)},
			{Match: match(markClear(MarkAccept)), Action: jump("cali-from-host-endpoint")},
			{Action: jump("cali-to-host-endpoint")},
			{Comments: []string{hepAccepted}, Match: match(markSet(MarkAccept)), Action: jump("ACCEPT")},
		}},
		{Name: "cali-INPUT", Rules: append(input,
			Rule{Match: match(in(pods)), Action: goTo("cali-wl-to-host")},
			Rule{Action: clearMark(marksOfAPacket)},
			Rule{Action: jump("cali-from-host-endpoint")},
			Rule{Comments: []string{hepAccepted}, Match: match(markSet(MarkAccept)), Action: jump("ACCEPT")},
		)},
		{Name: "cali-OUTPUT", Rules: append([]Rule{
			{Match: match(markSet(MarkAccept)), Action: jump("ACCEPT")},
			{Match: match(out(pods)), Action: jump("RETURN")},
		}, toHostEndpoint...)},
		{Name: "cali-wl-to-host", Rules: []Rule{
			{Action: jump(fromDispatch)},
			{Comments: []string{"Configured DefaultEndpointToHostAction"}, Action: jump(config.EndpointToHostAction)},
		}},
	}
}

func oldMangleStatic(config Config) []Chain {
	accept := jump("ACCEPT")
	return []Chain{{Name: "cali-PREROUTING", Rules: []Rule{
		{Match: match("-m conntrack --ctstate RELATED,ESTABLISHED"), Action: accept},
		{Match: match(markSet(MarkAccept)), Action: accept},
		{Match: match(in(config.InterfacePrefix + "+")), Action: accept},
		{Action: jump("cali-from-host-endpoint")},
		{Comments: []string{hepAccepted}, Match: match(markSet(MarkAccept)), Action: accept},
	}}}
}

func oldRawStatic(config Config) []Chain {
	return []Chain{
		{Name: "cali-PREROUTING", Rules: []Rule{
			{Action: clearMark(marksOfAPacket)},
			{Match: match(in(config.InterfacePrefix + "+")), Action: setMark(MarkScratch0)},
			{Match: match(markClear(MarkScratch0)), Action: jump("cali-from-host-endpoint")},
			{Match: match(markSet(MarkAccept)), Action: jump("ACCEPT")},
		}},
		{Name: "cali-OUTPUT", Rules: []Rule{
			{Action: clearMark(marksOfAPacket)},
			{Action: jump("cali-to-host-endpoint")},
			{Match: match(markSet(MarkAccept)), Action: jump("ACCEPT")},
		}},
	}
}

func oldEndpointChains(config Config, endpoint Endpoint) []Chain {
	build := func(prefix string, tiers []Tier, policyPrefix, profilePrefix string) Chain {
		rules := []Rule{
			{Match: match("-m conntrack --ctstate RELATED,ESTABLISHED"), Action: jump("ACCEPT")},
			{Match: match("-m conntrack --ctstate INVALID"), Action: jump("DROP")},
			{Action: clearMark(MarkAccept)},
		}
		var policies []PolicyRef
		for _, tier := range tiers {
			policies = append(policies, tier.Policies...)
		}
		if len(policies) > 0 {
			rules = append(rules, Rule{Comments: []string{"Start of policies"}, Action: clearMark(MarkPass)})
		}
		for _, policy := range policies {
			rules = append(rules,
				Rule{Match: match(markClear(MarkPass)), Action: jump(config.chainName(policyPrefix, policy.ID.qualified()))},
				Rule{Comments: []string{"Return if policy accepted"}, Match: match(markSet(MarkAccept)), Action: jump("RETURN")})
		}
		if len(policies) > 0 {
			rules = append(rules, Rule{Comments: []string{"Drop if no policies passed packet"},
				Match: match(markClear(MarkPass)), Action: jump("DROP")})
		}
		for _, name := range endpoint.Profiles {
			rules = append(rules,
				Rule{Action: jump(config.chainName(profilePrefix, name))},
				Rule{Comments: []string{"Return if profile accepted"}, Match: match(markSet(MarkAccept)), Action: jump("RETURN")})
		}
		rules = append(rules, Rule{Comments: []string{"Drop if no profiles matched"}, Action: jump("DROP")})
		return Chain{Name: config.chainName(prefix, endpoint.Interface), Rules: rules}
	}
	return []Chain{
		build(toWorkload, endpoint.Ingress, policyInbound, profileInbound),
		build(fromWorkload, endpoint.Egress, policyOutbound, profileOutbound),
	}
}

// oldRuleChain has no comments, every return, and drops at once.
func oldRuleChain(config Config, name string, policyRules []PolicyRule) Chain {
	chain := Chain{Name: name}
	for _, policyRule := range policyRules {
		rules := renderPolicyRule(config, policyRule)
		if policyRule.Action == "Deny" {
			last := len(rules) - 1
			rules[last-1].Action = jump("DROP")
			rules = rules[:last]
		}
		chain.Rules = append(chain.Rules, rules...)
	}
	return chain
}

// oldMarks are the bits that Felix 2.x hands out of the mask 0xff000000.
var oldMarks = map[uint32]uint32{MarkAccept: 0x1000000, MarkPass: 0x2000000, MarkScratch0: 0x4000000, MarkScratch1: 0x8000000}

// MarkBits are the bits that stand for these in Felix of today, or of 2.x.
func MarkBits(old bool, bits uint32) uint32 {
	if !old {
		return bits
	}
	result := uint32(0)
	for today, then := range oldMarks {
		if bits&today != 0 {
			result |= then
		}
	}
	return result
}

var markNumber = regexp.MustCompile(`0x[0-9a-f]+`)

func respelled(rule Rule) Rule {
	old := func(text string) string {
		if !strings.Contains(text, "mark") {
			return strings.TrimSuffix(text, " --random-fully")
		}
		return markNumber.ReplaceAllStringFunc(text, func(number string) string {
			bits, _ := strconv.ParseUint(number, 0, 32)
			return fmt.Sprintf("%#x", MarkBits(true, uint32(bits)))
		})
	}
	rule.Action = old(rule.Action)
	rule.Match = slices.Clone(rule.Match)
	for at, part := range rule.Match {
		rule.Match[at] = old(part)
	}
	return rule
}
