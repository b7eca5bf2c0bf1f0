package rules

import (
	"slices"
)

// dispatch has the chains that lead a packet to the chains of its endpoint: "cali-from-wl-dispatch"
// by the interface it came from and "cali-to-wl-dispatch" by the one it leaves through. Interfaces
// are binned by the first character after what all their names have in common; a bin of several
// gets a chain of its own.
func dispatch(config Config, endpoints []Endpoint) []Chain {
	var names []string
	for _, endpoint := range endpoints {
		names = append(names, endpoint.Interface)
	}
	slices.Sort(names)
	return append(
		dispatchTree("cali-from-wl-dispatch", fromWorkload, in, names),
		dispatchTree("cali-to-wl-dispatch", toWorkload, out, names)...)
}

func dispatchTree(root, endpointPrefix string, device func(string) string, names []string) []Chain {
	unknown := Rule{Comments: []string{"Unknown interface"}, Action: jump("DROP")}
	direct := func(name string) Rule {
		return Rule{Match: match(device(name)), Action: goTo(chainName(endpointPrefix, name))}
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
			child.Rules = append(child.Rules, unknown)
			children = append(children, child)
			rootChain.Rules = append(rootChain.Rules, Rule{Match: match(device(bin + "+")), Action: goTo(child.Name)})
		}
		start = end
	}
	rootChain.Rules = append(rootChain.Rules, unknown)
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
