package capturetest_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"calico-chatops/lab/internal/felix/active"
	"calico-chatops/lab/internal/felix/capturetest"
	"calico-chatops/lab/internal/felix/rules"
)

// nativeScenarios are the datastores that real Felix had where each listing was taken.
var nativeScenarios = map[string]string{
	"healthy-nftables": "healthy-nftables", "profile-missing-rbac-nftables": "profile-missing-rbac-nftables",
	"policies-nftables": "policies-nft", "healthy-vxlan-nftables": "healthy-vxlan-legacy",
}

// TestNativeTagsAsRealFelix: in nftables mode a tag hashes the rule without its comment, and all
// before it in the chain.
func TestNativeTagsAsRealFelix(t *testing.T) {
	compared := comparison{test: t, written: regexp.MustCompile(`comment "(cali:[^"]+)"`)}
	defer compared.end()
	for scenario, datastore := range nativeScenarios {
		world := active.NewWorld(capturetest.Resources(t, datastore))
		for _, node := range []string{"n1", "n2"} {
			captured := capturetest.NativeChains(capturetest.Read(t, scenario, node, "nft-list-ruleset.txt"))
			result := active.Compute(world, node, rules.IPv4)
			rendered := nativeComments(rules.RenderNative(capturedConfig(world), result.Rules), "ip calico chain ")
			addresses := make(map[string][]string)
			for _, endpoint := range result.Endpoints {
				addresses[endpoint.Interface] = endpoint.Addresses
			}
			maps.Copy(rendered, nativeComments(rules.RenderARP(addresses), "arp calico-arp chain "))
			maps.DeleteFunc(captured, func(name string, _ []string) bool { return !strings.Contains(name, " chain ") })
			compared.chains(scenario+" "+node, rendered, captured)
		}
	}
}

func nativeComments(native rules.Native, place string) map[string][]string {
	comments := make(map[string][]string)
	for _, base := range native.Bases {
		comments[place+base.Name] = commentsOf(slices.Concat(base.Inserted, base.Appended))
	}
	for _, chain := range native.Chains {
		comments[place+chain.Name] = commentsOf(chain.Rules)
	}
	return comments
}

func commentsOf(source []rules.NativeRule) []string {
	var comments []string
	for _, rule := range source {
		comments = append(comments, rule.Comment)
	}
	return comments
}
