package rules

import (
	"slices"
	"strings"
)

// Render is everything that a node's tables must hold.
func Render(config Config, node Node) []Table {
	if config.Old {
		return renderOld(config, node)
	}
	filter := slices.Concat(filterStatic(config), dispatch(config, node.Endpoints))
	for _, endpoint := range node.Endpoints {
		filter = append(filter, endpointChains(config, endpoint)...)
	}
	for _, policy := range node.Policies {
		filter = append(filter, policyChains(config, policy)...)
	}
	for _, profile := range node.Profiles {
		filter = append(filter, profileChains(config, profile)...)
	}
	tables := []Table{
		table("mangle", []Hook{inserted("PREROUTING"), inserted("POSTROUTING")}, mangleStatic()),
		table("raw", []Hook{inserted("PREROUTING"), inserted("OUTPUT")}, rawStatic(config)),
		table("filter", []Hook{inserted("INPUT"), forwardHook(), inserted("OUTPUT")}, filter, config.mapped(node.Endpoints)...),
		table("nat", []Hook{inserted("PREROUTING"), inserted("OUTPUT"), natPostroutingHook()}, natStatic(config)),
	}
	for _, table := range tables {
		for _, chain := range table.Chains {
			for at, rule := range chain.Rules {
				chain.Rules[at] = config.Family.respelled(rule)
			}
		}
	}
	return tables
}

// table keeps only the chains that a packet can reach from the hooks, once each, sorted by
// name; a chain that is only jumped to is there empty. To the mapped chains a verdict map leads.
func table(name string, hooks []Hook, known []Chain, mapped ...string) Table {
	byName := make(map[string]Chain)
	for _, chain := range known {
		byName[chain.Name] = chain
	}
	reached := make(map[string]Chain)
	var visit func(rules []Rule)
	visit = func(rules []Rule) {
		for _, rule := range rules {
			target := rule.target()
			if _, seen := reached[target]; seen || !strings.HasPrefix(target, "cali-") {
				continue
			}
			chain := byName[target]
			chain.Name = target
			reached[target] = chain
			visit(chain.Rules)
		}
	}
	for _, hook := range hooks {
		visit(hook.Inserted)
		visit(hook.Append)
	}
	for _, chain := range mapped {
		visit([]Rule{{Action: goTo(chain)}})
	}
	result := Table{Name: name, Hooks: hooks}
	for _, chain := range reached {
		result.Chains = append(result.Chains, chain)
	}
	slices.SortFunc(result.Chains, func(a, b Chain) int { return strings.Compare(a.Name, b.Name) })
	return result
}

// target is the chain or verdict of the rule's action, without its arguments.
func (rule Rule) target() string {
	fields := strings.Fields(rule.Action)
	if len(fields) < 2 {
		return ""
	}
	return fields[1]
}

// Nothing is the tables of Render without anything of Calico's in them.
func Nothing() []Table {
	tables := Render(Config{}, Node{})
	for position, table := range tables {
		bare := Table{Name: table.Name}
		for _, hook := range table.Hooks {
			bare.Hooks = append(bare.Hooks, Hook{Chain: hook.Chain})
		}
		tables[position] = bare
	}
	return tables
}
