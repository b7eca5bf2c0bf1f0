package capturetest_test

import (
	"regexp"
	"slices"
	"strings"
	"testing"

	"calico-chatops/lab/internal/felix/active"
	"calico-chatops/lab/internal/felix/capturetest"
	"calico-chatops/lab/internal/felix/rules"
)

var scenarios = map[string]string{
	"healthy-legacy": "legacy", "healthy-nft": "nft",
	"profile-missing-rbac-legacy": "legacy", "profile-missing-rbac-nft": "nft",
	"policies-legacy": "legacy", "policies-nft": "nft",
	"k8s-deny-ingress-legacy": "legacy", "ipip-blocked-legacy": "legacy", "healthy-vxlan-legacy": "legacy",
}

// capturedConfig is how the captured Felix was configured.
func capturedConfig(world *active.World) rules.Config {
	config := rules.Config{InterfacePrefix: "cali", EndpointToHostAction: "DROP"}
	config.IPIP, config.VXLAN = world.Encapsulation(rules.IPv4)
	return config
}

// TestTagsAsRealFelix: a tag hashes the whole rule in Felix's spelling and all before it, so
// equal tags mean equal chains, rule by rule.
func TestTagsAsRealFelix(t *testing.T) {
	compared := comparison{test: t, written: regexp.MustCompile(`--comment "cali:([^"]+)"`)}
	defer compared.end()
	for scenario, backend := range scenarios {
		world := active.NewWorld(capturetest.Resources(t, scenario))
		for _, node := range []string{"n1", "n2"} {
			captured := capturetest.Chains(capturetest.Read(t, scenario, node, "iptables-"+backend+"-save-c.txt"))
			result := active.Compute(world, node, rules.IPv4)
			if len(result.Complaints) > 0 {
				t.Errorf("%s %s: complaints %q", scenario, node, result.Complaints)
			}
			rendered := make(map[string][]string)
			for _, table := range rules.Render(capturedConfig(world), result.Rules) {
				for _, chain := range table.Chains {
					rendered[table.Name+" "+chain.Name] = chain.Tags()
				}
				for _, hook := range table.Hooks {
					rendered[table.Name+" "+hook.Chain] = append(hook.InsertedTags(), hook.AppendedTags()...)
				}
			}
			compared.chains(scenario+" "+node, rendered, captured)
		}
	}
}

func TestIPSetsAsRealFelix(t *testing.T) {
	for scenario := range scenarios {
		world := active.NewWorld(capturetest.Resources(t, scenario))
		for _, node := range []string{"n1", "n2"} {
			captured := capturetest.Sets(capturetest.Read(t, scenario, node, "ipset-save.txt"))
			bgp := world.Node(node).Spec.BGP
			tunnel := bgp.IPv4IPIPTunnelAddr
			if tunnel == "" {
				tunnel = world.Node(node).Spec.IPv4VXLANTunnelAddr
			}
			address, _, _ := strings.Cut(bgp.IPv4Address, "/")
			own := []string{"127.0.0.0", "127.0.0.1", address, tunnel}
			sets := append(active.StaticSets(world, node, capturedConfig(world), own), active.Compute(world, node, rules.IPv4).Sets...)
			if len(sets) != len(captured) {
				t.Errorf("%s %s: %d sets, captured %d", scenario, node, len(sets), len(captured))
			}
			for _, set := range sets {
				members, there := captured[set.Name+" "+set.Type]
				slices.Sort(members)
				if !there || !slices.Equal(set.Members, members) {
					t.Errorf("%s %s: set %s %s has %q, captured (%v) %q", scenario, node, set.Name, set.Type, set.Members, there, members)
				}
			}
		}
	}
}
