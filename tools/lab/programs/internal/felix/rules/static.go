package rules

const hepAccepted = "Host endpoint policy accepted packet."

func filterStatic(config Config) []Chain {
	pods := config.InterfacePrefix + "+"
	return []Chain{
		{Name: "cali-FORWARD", Rules: []Rule{
			{Action: clearMark(marksOfAPacket &^ MarkAccept)},
			{Match: match(markClear(MarkAccept)), Action: jump("cali-from-hep-forward")},
			{Match: match(in(pods)), Action: jump("cali-from-wl-dispatch")},
			{Match: match(out(pods)), Action: jump("cali-to-wl-dispatch")},
			{Action: jump("cali-to-hep-forward")},
			{Action: jump("cali-cidr-block")},
		}},
		{Name: "cali-INPUT", Rules: append(tunnelInput(config),
			Rule{Match: match(in(pods)), Action: goTo("cali-wl-to-host")},
			Rule{Match: match(markSet(MarkAccept)), Action: jump("ACCEPT")},
			Rule{Action: clearMark(marksOfAPacket)},
			Rule{Action: jump("cali-from-host-endpoint")},
			Rule{Comments: []string{hepAccepted}, Match: match(markSet(MarkAccept)), Action: jump("ACCEPT")},
		)},
		{Name: "cali-OUTPUT", Rules: append(append([]Rule{
			{Match: match(markSet(MarkAccept)), Action: jump("ACCEPT")},
			{Match: match(out(pods)), Action: jump("RETURN")},
		}, tunnelOutput(config)...),
			Rule{Action: clearMark(marksOfAPacket)},
			Rule{Match: match("-m conntrack ! --ctstate DNAT"), Action: jump("cali-to-host-endpoint")},
			Rule{Comments: []string{hepAccepted}, Match: match(markSet(MarkAccept)), Action: jump("ACCEPT")},
		)},
		{Name: "cali-wl-to-host", Rules: append(config.Family.neighbourDiscovery(),
			Rule{Action: jump("cali-from-wl-dispatch")},
			Rule{Comments: []string{"Configured DefaultEndpointToHostAction"}, Action: jump(config.EndpointToHostAction)},
		)},
	}
}

func tunnelInput(config Config) []Rule {
	var rules []Rule
	ip := config.Family.words()
	if config.IPIP {
		rules = append(rules,
			Rule{Comments: []string{"Allow IPIP packets from Calico hosts"},
				Match:  match("-p 4", setMatch(SetAllHosts, "src"), "-m addrtype --dst-type LOCAL"),
				Action: jump("ACCEPT")},
			Rule{Comments: []string{"Drop IPIP packets from non-Calico hosts"}, Match: match("-p 4"), Action: jump("DROP")})
	}
	if config.VXLAN {
		toPort := "-m multiport --destination-ports " + vxlanPort
		rules = append(rules,
			Rule{Comments: []string{"Allow " + ip + " VXLAN packets from allowed hosts"},
				Match:  match("-p 17", toPort, setMatch(SetVXLANHosts, "src"), "-m addrtype --dst-type LOCAL"),
				Action: jump("ACCEPT")},
			Rule{Comments: []string{"Drop " + ip + " VXLAN packets from non-allowed hosts"},
				Match: match("-p 17", toPort, "-m addrtype --dst-type LOCAL"), Action: jump("DROP")})
	}
	return rules
}

func tunnelOutput(config Config) []Rule {
	var rules []Rule
	if config.IPIP {
		rules = append(rules, Rule{Comments: []string{"Allow IPIP packets to other Calico hosts"},
			Match:  match("-p 4", setMatch(SetAllHosts, "dst"), "-m addrtype --src-type LOCAL"),
			Action: jump("ACCEPT")})
	}
	if config.VXLAN {
		rules = append(rules, Rule{Comments: []string{"Allow " + config.Family.words() + " VXLAN packets to other allowed hosts"},
			Match: match("-p 17", "-m multiport --destination-ports "+vxlanPort, "-m addrtype --src-type LOCAL",
				setMatch(SetVXLANHosts, "dst")),
			Action: jump("ACCEPT")})
	}
	return rules
}

func rawStatic(config Config) []Chain {
	var noTrack []Rule
	if config.VXLAN {
		noTrack = []Rule{{Match: match("-p udp", "--dport "+vxlanPort), Action: jump("NOTRACK")}}
	}
	return []Chain{
		{Name: "cali-PREROUTING", Rules: append(append([]Rule{{Action: clearMark(marksOfAPacket)}}, noTrack...),
			Rule{Match: match(in(config.InterfacePrefix + "+")), Action: setMark(MarkScratch0)},
			Rule{Match: match(markSet(MarkScratch0)), Action: jump("cali-rpf-skip")},
			Rule{Match: match(markSet(MarkScratch0), "-m rpfilter --invert --validmark"), Action: jump("DROP")},
			Rule{Match: match(markClear(MarkScratch0)), Action: jump("cali-from-host-endpoint")},
			Rule{Match: match(markSet(MarkAccept)), Action: jump("ACCEPT")},
		)},
		{Name: "cali-OUTPUT", Rules: append(append([]Rule{
			{Action: clearMark(marksOfAPacket)},
			{Action: jump("cali-to-host-endpoint")},
		}, noTrack...), Rule{Match: match(markSet(MarkAccept)), Action: jump("ACCEPT")})},
	}
}

func mangleStatic() []Chain {
	return []Chain{
		{Name: "cali-PREROUTING", Rules: []Rule{
			{Match: match("-m conntrack --ctstate RELATED,ESTABLISHED"), Action: jump("ACCEPT")},
			{Match: match(markSet(MarkAccept)), Action: jump("ACCEPT")},
			{Action: jump("cali-from-host-endpoint")},
			{Comments: []string{hepAccepted}, Match: match(markSet(MarkAccept)), Action: jump("ACCEPT")},
		}},
		{Name: "cali-POSTROUTING", Rules: []Rule{
			{Comments: []string{"set dscp for traffic leaving cluster."},
				Match:  match(setMatch(SetDSCP, "src"), setNotMatch(SetAllPools, "dst"), setNotMatch(SetThisHost, "dst")),
				Action: jump("cali-egress-dscp")},
			{Match: match(markSet(MarkAccept)), Action: jump("RETURN")},
			{Action: clearMark(marksOfAPacket)},
			{Match: match("-m conntrack --ctstate DNAT"), Action: jump("cali-to-host-endpoint")},
			{Comments: []string{hepAccepted}, Match: match(markSet(MarkAccept)), Action: jump("RETURN")},
		}},
	}
}

func natStatic(config Config) []Chain {
	notOwn := "-m addrtype ! --src-type LOCAL --limit-iface-out -m addrtype --src-type LOCAL"
	masquerade := jump("MASQUERADE --random-fully")
	postrouting := []Rule{{Action: jump("cali-fip-snat")}, {Action: jump("cali-nat-outgoing")}}
	if config.IPIP {
		postrouting = append(postrouting, Rule{Match: match(out(ipipDevice), notOwn), Action: masquerade})
	}
	if vxlanDevice := config.Family.vxlanDevice(); config.VXLAN {
		postrouting = append(postrouting,
			Rule{Match: match("-p 17", out(vxlanDevice), notOwn), Action: jump("MASQUERADE --to-ports 4790-65535 --random-fully")},
			Rule{Match: match(out(vxlanDevice), notOwn), Action: masquerade})
	}
	return []Chain{
		{Name: "cali-PREROUTING", Rules: []Rule{{Action: jump("cali-fip-dnat")}}},
		{Name: "cali-OUTPUT", Rules: []Rule{{Action: jump("cali-fip-dnat")}}},
		{Name: "cali-POSTROUTING", Rules: postrouting},
		{Name: "cali-nat-outgoing", Rules: []Rule{{
			Match: match(setMatch(SetMasqPools, "src"), setNotMatch(SetAllPools, "dst")), Action: masquerade}}},
	}
}
