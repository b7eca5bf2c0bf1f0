package rules

import (
	"slices"
)

// dispatch has the chains that lead a packet to the chains of its endpoint: "cali-from-wl-dispatch"
// by the interface it came from and "cali-to-wl-dispatch" by the one it leaves through. Interfaces
// are binned by the first character after what all their names have in common; a bin of several
// gets a chain of its own. In nftables mode a verdict map does all that.
func dispatch(config Config, endpoints []Endpoint) []Chain {
	var names []string
	for _, endpoint := range endpoints {
		names = append(names, endpoint.Interface)
	}
	slices.Sort(names)
	if config.Native {
		return []Chain{
			{Name: fromDispatch, Rules: []Rule{{Match: match("iifname vmap @filter-" + fromDispatch)}, unknownInterface}},
			{Name: toDispatch, Rules: []Rule{{Match: match("oifname vmap @filter-" + toDispatch)}, unknownInterface}},
		}
	}
	return append(
		config.dispatchTree(fromDispatch, fromWorkload, in, names),
		config.dispatchTree(toDispatch, toWorkload, out, names)...)
}

// The chains that lead to endpoints; in nftables mode their verdict maps have the same names.
const (
	fromDispatch = "cali-from-wl-dispatch"
	toDispatch   = "cali-to-wl-dispatch"
)

var unknownInterface = Rule{Comments: []string{"Unknown interface"}, Action: jump("DROP")}

func (config Config) dispatchTree(root, endpointPrefix string, device func(string) string, names []string) []Chain {
	direct := func(name string) Rule {
		return Rule{Match: match(device(name)), Action: goTo(config.chainName(endpointPrefix, name))}
	}
	prefix := commonPrefix(names)
	rootChain := Chain{Name: root}
	var children []Chain
	for start := 0; start < len(names); {
		bin := prefix
		if len(names[start]) > len(prefix) {
			bin = names[start][:len(prefix)+1]
		}
		end := start + 1
		for end < len(names) && len(names[end]) >= len(bin) && names[end][:len(bin)] == bin {
			end++
		}
		if end == start+1 {
			rootChain.Rules = append(rootChain.Rules, direct(names[start]))
		} else {
			child := Chain{Name: root + "-" + bin[len(prefix):]}
			for _, name := range names[start:end] {
				child.Rules = append(child.Rules, direct(name))
			}
			child.Rules = append(child.Rules, unknownInterface)
			children = append(children, child)
			rootChain.Rules = append(rootChain.Rules, Rule{Match: match(device(bin + "+")), Action: goTo(child.Name)})
		}
		start = end
	}
	rootChain.Rules = append(rootChain.Rules, unknownInterface)
	return append(children, rootChain)
}

func commonPrefix(names []string) string {
	if len(names) == 0 {
		return ""
	}
	prefix := names[0]
	for _, name := range names[1:] {
		length := 0
		for length < len(prefix) && length < len(name) && prefix[length] == name[length] {
			length++
		}
		prefix = prefix[:length]
	}
	return prefix
}
