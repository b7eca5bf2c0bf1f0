package rules

import "strings"

var shortKinds = map[string]string{
	"NetworkPolicy": "np", "GlobalNetworkPolicy": "gnp", "KubernetesNetworkPolicy": "knp",
	"KubernetesClusterNetworkPolicy": "kcnp",
}

// short is the identity as it goes into the names of chains.
func (id PolicyID) short() string { return shortKinds[id.Kind] + "/" + id.qualified() }

func (id PolicyID) qualified() string {
	if id.Namespace == "" {
		return id.Name
	}
	return id.Namespace + "/" + id.Name
}

func policyChains(config Config, policy Policy) []Chain {
	comment := policy.ID.Kind + " " + policy.ID.qualified()
	return []Chain{
		ruleChain(config, config.chainName(policyInbound, policy.ID.short()), comment+" ingress", policy.Ingress),
		ruleChain(config, config.chainName(policyOutbound, policy.ID.short()), comment+" egress", policy.Egress),
	}
}

func profileChains(config Config, profile Profile) []Chain {
	comment := "Profile " + profile.Name
	return []Chain{
		ruleChain(config, config.chainName(profileInbound, profile.Name), comment+" ingress", profile.Ingress),
		ruleChain(config, config.chainName(profileOutbound, profile.Name), comment+" egress", profile.Egress),
	}
}

// ruleChain has the comment on its first rule, or on a rule that does nothing else. Returns at
// the end of a chain are left out, as they change nothing.
func ruleChain(config Config, name, comment string, policyRules []PolicyRule) Chain {
	var rules []Rule
	for _, rule := range policyRules {
		rules = append(rules, renderPolicyRule(config, rule)...)
	}
	for len(rules) > 0 && rules[len(rules)-1].target() == "RETURN" {
		rules = rules[:len(rules)-1]
	}
	if len(rules) == 0 {
		rules = []Rule{{}}
	}
	rules[0].Comments = append(rules[0].Comments, comment)
	return Chain{Name: name, Rules: rules}
}

func renderPolicyRule(config Config, rule PolicyRule) []Rule {
	blocks := &matchBlocks{}
	rule = blocks.takeFrom(rule)
	matches := ruleMatch(rule)
	if len(blocks.rules) > 0 {
		matches = append(matches, markSet(MarkScratch0))
	}
	rules := append(blocks.rules, verdict(config, rule.Action, matches)...)
	for i := range rules {
		rules[i].Comments = append(rules[i].Comments, rule.Annotations...)
	}
	return rules
}

func verdict(config Config, action string, matches []string) []Rule {
	marked := func(mark uint32, then string) []Rule {
		return []Rule{{Match: matches, Action: setMark(mark)}, {Match: match(markSet(mark)), Action: then}}
	}
	switch action {
	case "Allow":
		return marked(MarkAccept, jump("RETURN"))
	case "Pass":
		return marked(MarkPass, jump("RETURN"))
	case "Deny":
		return marked(MarkDrop, jump("DROP"))
	default: // Log
		prefix := config.LogPrefix
		if prefix == "" {
			prefix = "calico-packet"
		}
		return []Rule{{Match: matches, Action: jump(`LOG --log-prefix "` + prefix + `: " --log-level 5`)}}
	}
}

func ruleMatch(rule PolicyRule) []string {
	var matches []string
	add := func(format, value string) {
		if value != "" {
			matches = append(matches, format+value)
		}
	}
	add("-p ", rule.Protocol)
	source, destination := rule.Source, rule.Destination
	add("--source ", only(source.Nets))
	for _, name := range source.Sets {
		matches = append(matches, setMatch(name, "src"))
	}
	add("-m multiport --source-ports ", strings.Join(source.Ports, ","))
	for _, name := range source.NamedPorts {
		matches = append(matches, setMatch(name, "src,src"))
	}
	add("--destination ", only(destination.Nets))
	for _, name := range destination.Sets {
		matches = append(matches, setMatch(name, "dst"))
	}
	add("-m multiport --destination-ports ", strings.Join(destination.Ports, ","))
	for _, name := range destination.NamedPorts {
		matches = append(matches, setMatch(name, "dst,dst"))
	}
	add("-m icmp --icmp-type ", rule.ICMP)
	add("! -p ", rule.NotProtocol)
	add("! --source ", only(source.NotNets))
	for _, name := range source.NotSets {
		matches = append(matches, setNotMatch(name, "src"))
	}
	for _, ports := range splitPorts(source.NotPorts) {
		add("-m multiport ! --source-ports ", strings.Join(ports, ","))
	}
	for _, name := range source.NotNamedPorts {
		matches = append(matches, setNotMatch(name, "src,src"))
	}
	add("! --destination ", only(destination.NotNets))
	for _, name := range destination.NotSets {
		matches = append(matches, setNotMatch(name, "dst"))
	}
	for _, ports := range splitPorts(destination.NotPorts) {
		add("-m multiport ! --destination-ports ", strings.Join(ports, ","))
	}
	for _, name := range destination.NotNamedPorts {
		matches = append(matches, setNotMatch(name, "dst,dst"))
	}
	add("-m icmp ! --icmp-type ", rule.NotICMP)
	return matches
}

func only(values []string) string { return strings.Join(values, "") }
