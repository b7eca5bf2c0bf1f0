package rules

import (
	"maps"
	"slices"
)

// NativeTables are the names of Felix's tables by their family.
var NativeTables = map[string]string{"ip": "calico", "ip6": "calico", "arp": "calico-arp"}

// Native is one table of nftables, in which Felix keeps the chains of all its layers.
type Native struct {
	Family, Name string
	Bases        []NativeBase
	Chains       []NativeChain
	Maps         []VerdictMap
}

// NativeBase is a chain that the kernel calls: others may have rules in it.
type NativeBase struct {
	// Spec is what nft takes between the braces of a chain.
	Name, Spec         string
	Inserted, Appended []NativeRule
}

// NativeChain is a chain of Felix's own.
type NativeChain struct {
	Name  string
	Rules []NativeRule
}

// NativeRule is a rule in nft's words. The comment begins with the tag.
type NativeRule struct{ Tag, Text, Comment string }

// VerdictMap leads packets by their interface to a chain each.
type VerdictMap struct {
	Name string
	// Chains by interface.
	Chains map[string]string
}

// baseChains are there whether anything is in them or not.
var baseChains = []NativeBase{
	{Name: "filter-INPUT", Spec: "type filter hook input priority 0"},
	{Name: "filter-FORWARD", Spec: "type filter hook forward priority 0"},
	{Name: "filter-OUTPUT", Spec: "type filter hook output priority 0"},
	{Name: "nat-PREROUTING", Spec: "type nat hook prerouting priority -100"},
	{Name: "nat-INPUT", Spec: "type nat hook input priority -100"},
	{Name: "nat-OUTPUT", Spec: "type nat hook output priority 110"},
	{Name: "nat-POSTROUTING", Spec: "type nat hook postrouting priority 110"},
	{Name: "mangle-PREROUTING", Spec: "type filter hook prerouting priority -150"},
	{Name: "mangle-INPUT", Spec: "type filter hook input priority -150"},
	{Name: "mangle-FORWARD", Spec: "type filter hook forward priority -150"},
	{Name: "mangle-OUTPUT", Spec: "type route hook output priority -150"},
	{Name: "mangle-POSTROUTING", Spec: "type filter hook postrouting priority -150"},
	{Name: "raw-PREROUTING", Spec: "type filter hook prerouting priority -300"},
	{Name: "raw-OUTPUT", Spec: "type filter hook output priority -300"},
}

// RenderNative is everything that a node's table of nftables must hold, its sets excepted.
func RenderNative(config Config, node Node) Native {
	config.Native = true
	family := config.Family
	ip := family.inNft()
	native := Native{Family: ip, Name: NativeTables[ip], Bases: slices.Clone(baseChains)}
	for _, table := range Render(config, node) {
		for _, hook := range table.Hooks {
			name := table.Name + "-" + hook.Chain
			at := slices.IndexFunc(native.Bases, func(base NativeBase) bool { return base.Name == name })
			native.Bases[at].Inserted = family.nativeRules(table.Name, name, hook.Inserted)
			native.Bases[at].Appended = family.nativeRules(table.Name, name+"*appends*", hook.Append)
		}
		for _, chain := range table.Chains {
			name := table.Name + "-" + chain.Name
			native.Chains = append(native.Chains, NativeChain{name, family.nativeRules(table.Name, name, chain.Rules)})
		}
	}
	from, to := make(map[string]string), make(map[string]string)
	for _, endpoint := range node.Endpoints {
		from[endpoint.Interface] = "filter-" + config.chainName(fromWorkload, endpoint.Interface)
		to[endpoint.Interface] = "filter-" + config.chainName(toWorkload, endpoint.Interface)
	}
	native.Maps = []VerdictMap{{"filter-" + fromDispatch, from}, {"filter-" + toDispatch, to}}
	return native
}

// mapped are the chains to which only a verdict map leads.
func (config Config) mapped(endpoints []Endpoint) []string {
	var chains []string
	for _, endpoint := range endpoints {
		if config.Native {
			chains = append(chains,
				config.chainName(fromWorkload, endpoint.Interface), config.chainName(toWorkload, endpoint.Interface))
		}
	}
	return chains
}

// RenderARP is the table that keeps a node from answering a pod's question for its own address:
// the addresses of each interface as CIDRs.
func RenderARP(addresses map[string][]string) Native {
	const dispatch = "filter-cali-arp-dispatch"
	native := Native{Family: "arp", Name: NativeTables["arp"]}
	leads := IPv4.nativeRules("filter", "filter-OUTPUT", []Rule{{Action: jump("cali-arp-dispatch")}})
	native.Bases = []NativeBase{{Name: "filter-OUTPUT", Spec: "type filter hook output priority 0", Inserted: leads}}
	native.Chains = []NativeChain{{dispatch, IPv4.nativeRules("filter", dispatch, []Rule{{Match: match("oifname vmap @" + dispatch)}})}}
	chains := make(map[string]string)
	for _, device := range slices.Sorted(maps.Keys(addresses)) {
		name := "filter-cali-arp-" + device
		chains[device] = name
		var rules []Rule
		for _, address := range addresses[device] {
			rules = append(rules, Rule{Match: match(out(device), "arp operation reply", "arp saddr ip "+host(address)), Action: jump("DROP")})
		}
		native.Chains = append(native.Chains, NativeChain{name, IPv4.nativeRules("filter", name, rules)})
	}
	native.Maps = []VerdictMap{{dispatch, chains}}
	return native
}
