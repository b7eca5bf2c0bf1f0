package rules

import (
	"slices"
	"testing"
)

// Tags of July 2017, as they were seen on a node: of a profile that was missing, and after it was made.
func TestOldProfiles(t *testing.T) {
	for _, one := range []struct {
		action string
		wanted []string
	}{
		{"Deny", []string{"yVw1jR_AsGFo9Rpe"}},
		{"Allow", []string{"6MWuUqsVPzpSgE3L", "UGCdoOXoPRcONGv8"}},
	} {
		rules := []PolicyRule{{Action: one.action}}
		node := Node{
			Endpoints: []Endpoint{{Interface: "cali12d4a061371", Profiles: []string{"k8s_ns.default"}}},
			Profiles:  []Profile{{Name: "k8s_ns.default", Ingress: rules, Egress: rules}},
		}
		tables := Render(Config{Old: true, InterfacePrefix: "cali", EndpointToHostAction: "ACCEPT", IPIP: true}, node)
		filter := tables[slices.IndexFunc(tables, func(table Table) bool { return table.Name == "filter" })]
		at := slices.IndexFunc(filter.Chains, func(chain Chain) bool { return chain.Name == "cali-pri-k8s_ns.default" })
		if at < 0 {
			t.Fatal("no chain of the profile")
		}
		if tags := filter.Chains[at].Tags(); !slices.Equal(tags, one.wanted) {
			t.Errorf("%s: %v, wanted %v", one.action, tags, one.wanted)
		}
	}
}
