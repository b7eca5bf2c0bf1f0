package rules

// endpointChains are the chain of what goes to the pod and the chain of what comes from it,
// and the chains of the policy groups that they use.
func endpointChains(config Config, endpoint Endpoint) []Chain {
	noTunnels := []Rule{
		{Comments: []string{"Drop VXLAN encapped packets originating in workloads"},
			Match: match("-p 17", "-m multiport --destination-ports "+vxlanPort), Action: jump("DROP")},
		{Comments: []string{"Drop IPinIP encapped packets originating in workloads"},
			Match: match("-p 4"), Action: jump("DROP")},
	}
	to := config.newEndpointChain(toWorkload, endpoint.Interface, nil)
	to.tiers(endpoint.Ingress, inbound)
	to.profiles(endpoint.Profiles, profileInbound)
	from := config.newEndpointChain(fromWorkload, endpoint.Interface, noTunnels)
	from.tiers(endpoint.Egress, outbound)
	from.profiles(endpoint.Profiles, profileOutbound)
	return append(append(to.groups, from.groups...), to.chain, from.chain)
}

type endpointChain struct {
	config Config
	chain  Chain
	groups []Chain
}

func (config Config) newEndpointChain(prefix, device string, first []Rule) *endpointChain {
	built := &endpointChain{config: config, chain: Chain{Name: config.chainName(prefix, device)}}
	built.add(
		Rule{Match: match("-m conntrack --ctstate RELATED,ESTABLISHED"), Action: jump("ACCEPT")},
		Rule{Match: match("-m conntrack --ctstate INVALID"), Action: jump("DROP")},
		Rule{Action: clearMark(MarkAccept | MarkPass)})
	built.add(first...)
	return built
}

func (built *endpointChain) add(rules ...Rule) {
	built.chain.Rules = append(built.chain.Rules, rules...)
}

func (built *endpointChain) tiers(tiers []Tier, direction direction) {
	for _, tier := range tiers {
		if len(tier.Policies) == 0 {
			continue
		}
		built.add(Rule{Comments: []string{"Start of tier " + tier.Name}, Action: clearMark(MarkPass)})
		for _, group := range groupPolicies(tier.Policies) {
			target := built.config.chainName(direction.policyPrefix, group[0].ID.short())
			if len(group) > 1 {
				chain := built.config.groupChain(group, direction)
				built.groups = append(built.groups, chain)
				target = chain.Name
			}
			built.add(
				Rule{Match: match(markClear(MarkPass)), Action: jump(target)},
				Rule{Comments: []string{"Return if policy accepted"}, Match: match(markSet(MarkAccept)), Action: jump("RETURN")})
		}
		if !tier.PassAtEnd {
			built.add(Rule{Comments: []string{"End of tier " + tier.Name + ". Drop if no policies passed packet"},
				Match: match(markClear(MarkPass)), Action: jump("DROP")})
		}
	}
}

func (built *endpointChain) profiles(names []string, prefix string) {
	for _, name := range names {
		built.add(
			Rule{Action: jump(built.config.chainName(prefix, name))},
			Rule{Comments: []string{"Return if profile accepted"}, Match: match(markSet(MarkAccept)), Action: jump("RETURN")})
	}
	built.add(Rule{Comments: []string{"Drop if no profiles matched"}, Action: jump("DROP")})
}
