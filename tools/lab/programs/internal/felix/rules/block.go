package rules

import "strings"

// A multiport match has 15 places; a range takes two.
const maxPorts = 15

// matchBlocks are rules before a policy rule that work out what one rule of iptables cannot
// say: more than 15 ports, numbers
// and names of ports, or more than one net at one end. The first scratch mark says
// whether all blocks matched so far, the second whether the present one does.
type matchBlocks struct {
	rules    []Rule
	positive int
}

// takeFrom makes blocks of what does not fit, and gives back the rest of the rule.
func (blocks *matchBlocks) takeFrom(rule PolicyRule) PolicyRule {
	rule.Source = blocks.ports(rule.Protocol, "--source-ports", "src,src", rule.Source)
	rule.Destination = blocks.ports(rule.Protocol, "--destination-ports", "dst,dst", rule.Destination)
	rule.Source.Nets = blocks.nets("--source", rule.Source.Nets)
	rule.Destination.Nets = blocks.nets("--destination", rule.Destination.Nets)
	rule.Source.NotNets = blocks.notNets("--source", rule.Source)
	rule.Destination.NotNets = blocks.notNets("--destination", rule.Destination)
	return rule
}

func (blocks *matchBlocks) ports(protocol, option, direction string, peer Peer) Peer {
	splits := splitPorts(peer.Ports)
	if len(splits)+len(peer.NamedPorts) < 2 {
		return peer
	}
	var alternatives [][]string
	for _, split := range splits {
		alternatives = append(alternatives, match("-p "+protocol, "-m multiport "+option+" "+strings.Join(split, ",")))
	}
	for _, name := range peer.NamedPorts {
		alternatives = append(alternatives, match(setMatch(name, direction)))
	}
	blocks.add(alternatives)
	peer.Ports, peer.NamedPorts = nil, nil
	return peer
}

func (blocks *matchBlocks) nets(option string, nets []string) []string {
	if len(nets) < 2 {
		return nets
	}
	var alternatives [][]string
	for _, net := range nets {
		alternatives = append(alternatives, match(option+" "+net))
	}
	blocks.add(alternatives)
	return nil
}

func (blocks *matchBlocks) add(alternatives [][]string) {
	blocks.begin(0)
	mark := uint32(MarkScratch0)
	if blocks.positive > 0 {
		mark = MarkScratch1
	}
	for _, alternative := range alternatives {
		blocks.rules = append(blocks.rules, Rule{Match: alternative, Action: setMark(mark)})
	}
	if blocks.positive > 0 {
		blocks.rules = append(blocks.rules, Rule{Match: match(markClear(MarkScratch1)), Action: clearMark(MarkScratch0)})
	}
	blocks.positive++
}

// notNets makes a block of nets to leave out, when the rule has no room for them.
func (blocks *matchBlocks) notNets(option string, peer Peer) []string {
	if len(peer.NotNets) == 0 || len(peer.Nets)+len(peer.NotNets) < 2 {
		return peer.NotNets
	}
	blocks.begin(MarkScratch0)
	for _, net := range peer.NotNets {
		blocks.rules = append(blocks.rules, Rule{Match: match(option + " " + net), Action: clearMark(MarkScratch0)})
	}
	return nil
}

func (blocks *matchBlocks) begin(mark uint32) {
	if len(blocks.rules) == 0 {
		blocks.rules = append(blocks.rules, Rule{Action: setMaskedMark(mark, MarkScratch0|MarkScratch1)})
	}
}

func splitPorts(ports []string) [][]string {
	var splits [][]string
	room := 0
	for _, port := range ports {
		places := 1
		if strings.Contains(port, ":") {
			places = 2
		}
		if room < places {
			splits = append(splits, nil)
			room = maxPorts
		}
		splits[len(splits)-1] = append(splits[len(splits)-1], port)
		room -= places
	}
	return splits
}
