package active

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/felix/rules"
)

const endpoints = `
kind: WorkloadEndpoint
metadata: {name: a-k8s-web-eth0, namespace: shop, labels: {app: web, projectcalico.org/namespace: shop, projectcalico.org/serviceaccount: seller}}
spec: {node: a, pod: web, endpoint: eth0, interfaceName: cali1, ipNetworks: [10.0.0.1/32], profiles: [kns.shop, ksa.shop.seller], ports: [{name: http, protocol: TCP, port: 8080}]}
---
kind: WorkloadEndpoint
metadata: {name: b-k8s-client-eth0, namespace: other, labels: {app: client, projectcalico.org/namespace: other}}
spec: {node: b, pod: client, endpoint: eth0, interfaceName: cali2, ipNetworks: [10.0.0.2/32], profiles: [kns.other]}
---
kind: Profile
metadata: {name: kns.shop}
spec: {ingress: [{action: Allow}], egress: [{action: Allow}], labelsToApply: {pcns.team: green}}
---
kind: Profile
metadata: {name: ksa.shop.seller}
spec: {labelsToApply: {pcsa.role: sells}}
---
kind: NetworkSet
metadata: {name: offices, namespace: shop, labels: {kind: office}}
spec: {nets: [192.168.0.0/16, "fd00::/8", 0.0.0.0/0]}
---
kind: GlobalNetworkSet
metadata: {name: world, labels: {kind: world}}
spec: {nets: [8.8.8.8/32]}
`

func worldOf(t *testing.T, documents ...string) *World {
	t.Helper()
	var resources []calico.Resource
	for _, text := range strings.Split(strings.Join(documents, "\n---\n"), "\n---\n") {
		var head struct{ Kind string }
		if err := yaml.Unmarshal([]byte(text), &head); err != nil {
			t.Fatal(err)
		}
		kind, _ := calico.KindNamed(head.Kind)
		resource := kind.Empty()
		if err := yaml.UnmarshalStrict([]byte(text), resource); err != nil {
			t.Fatal(err)
		}
		resources = append(resources, resource)
	}
	return NewWorld(resources)
}

// policyFor makes a policy on shop's pods with one ingress rule.
func policyFor(rule string) string {
	return "kind: NetworkPolicy\nmetadata: {name: p, namespace: shop}\nspec: {selector: app == 'web', types: [Ingress], ingress: [" + rule + "]}"
}

func TestMembersOfASource(t *testing.T) {
	for rule, wanted := range map[string]Set{
		"{action: Allow, source: {selector: has(app)}}":                                                      {Type: hashNet, Members: []string{"10.0.0.1"}},
		"{action: Allow, source: {selector: has(app), namespaceSelector: all()}}":                            {Type: hashNet, Members: []string{"10.0.0.1", "10.0.0.2"}},
		"{action: Allow, source: {namespaceSelector: team == 'green'}}":                                      {Type: hashNet, Members: []string{"0.0.0.0/1", "10.0.0.1", "128.0.0.0/1", "192.168.0.0/16"}},
		"{action: Allow, source: {namespaceSelector: global()}}":                                             {Type: hashNet, Members: []string{"8.8.8.8"}},
		"{action: Allow, source: {selector: kind == 'office'}}":                                              {Type: hashNet, Members: []string{"0.0.0.0/1", "128.0.0.0/1", "192.168.0.0/16"}},
		"{action: Allow, source: {serviceAccounts: {names: [seller]}}}":                                      {Type: hashNet, Members: []string{"10.0.0.1"}},
		"{action: Allow, source: {serviceAccounts: {selector: role == 'sells'}}}":                            {Type: hashNet, Members: []string{"10.0.0.1"}},
		"{action: Allow, source: {selector: has(app), namespaceSelector: all(), notSelector: app == 'web'}}": {Type: hashNet, Members: []string{"10.0.0.2"}},
		"{action: Allow, protocol: TCP, destination: {ports: [http]}}":                                       {Type: hashIPPort, Members: []string{"10.0.0.1,tcp:8080"}},
		"{action: Allow, protocol: UDP, destination: {ports: [http]}}":                                       {Type: hashIPPort},
	} {
		result := Compute(worldOf(t, endpoints, policyFor(rule)), "a", rules.IPv4)
		if len(result.Sets) != 1 || len(result.Complaints) > 0 {
			t.Errorf("%s: sets %v, complaints %q", rule, result.Sets, result.Complaints)
			continue
		}
		if set := result.Sets[0]; set.Type != wanted.Type || !slices.Equal(set.Members, wanted.Members) {
			t.Errorf("%s: %v", rule, set)
		}
	}
}

func TestRulesThatAreLeftOut(t *testing.T) {
	for rule, complaint := range map[string]string{
		"{action: Allow, http: {methods: [GET]}}":              "not yet",
		"{action: Allow, destination: {services: {name: db}}}": "not yet",
		"{action: Allow, source: {selector: app = 'x'}}":       "selector",
		"{action: Allow, source: {nets: [not-a-net]}}":         "not-a-net",
		"{action: Permit}":                                     "unknown action",
		"{action: Allow, ipVersion: 6}":                        "",
		"{action: Allow, source: {nets: [\"fd00::/8\"]}}":      "",
		"{action: Allow, destination: {notNets: [0.0.0.0/0]}}": "",
	} {
		result := Compute(worldOf(t, endpoints, policyFor(rule)), "a", rules.IPv4)
		if len(result.Rules.Policies) != 1 || len(result.Rules.Policies[0].Ingress) != 0 {
			t.Errorf("%s was rendered: %v", rule, result.Rules.Policies)
		}
		if text := strings.Join(result.Complaints, "\n"); (complaint == "") != (text == "") || !strings.Contains(text, complaint) {
			t.Errorf("%s: complaints %q", rule, text)
		}
	}
}

func TestOrderOfTiersAndPolicies(t *testing.T) {
	result := Compute(worldOf(t, endpoints,
		"kind: Tier\nmetadata: {name: late}\nspec: {order: 5000000, defaultAction: Pass}",
		"kind: Tier\nmetadata: {name: early}\nspec: {order: 10}",
		"kind: GlobalNetworkPolicy\nmetadata: {name: early.second}\nspec: {tier: early, types: [Egress]}",
		"kind: GlobalNetworkPolicy\nmetadata: {name: early.first}\nspec: {tier: early, order: 1, types: [Ingress, Egress]}",
		"kind: GlobalNetworkPolicy\nmetadata: {name: late.one}\nspec: {tier: late, namespaceSelector: team == 'green'}",
		"kind: GlobalNetworkPolicy\nmetadata: {name: late.other}\nspec: {tier: late, namespaceSelector: team == 'red'}",
		"kind: GlobalNetworkPolicy\nmetadata: {name: refused}\nspec: {preDNAT: true, applyOnForward: true, types: [Ingress]}",
	), "a", rules.IPv4)
	order := func(tiers []rules.Tier) (names []string) {
		for _, tier := range tiers {
			for _, policy := range tier.Policies {
				names = append(names, policy.ID.Name)
			}
		}
		return names
	}
	endpoint := result.Rules.Endpoints[0]
	if got := order(endpoint.Ingress); !reflect.DeepEqual(got, []string{"early.first", "late.one"}) {
		t.Errorf("ingress %q", got)
	}
	if got := order(endpoint.Egress); !reflect.DeepEqual(got, []string{"early.first", "early.second"}) {
		t.Errorf("egress %q", got)
	}
	for _, tier := range endpoint.Ingress {
		if wanted := tier.Name == "late" || strings.HasPrefix(tier.Name, "kube-"); tier.PassAtEnd != wanted {
			t.Errorf("%s: passes at its end: %v", tier.Name, tier.PassAtEnd)
		}
	}
	if len(result.Complaints) != 1 || !strings.Contains(result.Complaints[0], "preDNAT: not yet") {
		t.Errorf("complaints %q", result.Complaints)
	}
}

func TestMissingProfileOfThisNodeOnly(t *testing.T) {
	if missing := Compute(worldOf(t, endpoints), "a", rules.IPv4).MissingProfiles; len(missing) != 0 {
		t.Errorf("%q", missing)
	}
	if missing := Compute(worldOf(t, endpoints), "b", rules.IPv4).MissingProfiles; !slices.Equal(missing, []string{"kns.other"}) {
		t.Errorf("%q", missing)
	}
}

func TestWhatIsOfIPv6(t *testing.T) {
	world := worldOf(t, endpoints, policyFor("{action: Allow, source: {namespaceSelector: team == 'green'}}"),
		"kind: IPPool\nmetadata: {name: six}\nspec: {cidr: \"fd00:10:244::/48\", vxlanMode: Always}",
		"kind: IPPool\nmetadata: {name: four}\nspec: {cidr: 10.244.0.0/16, ipipMode: Always}")
	if sets := Compute(world, "a", rules.IPv6).Sets; len(sets) != 1 || !strings.HasPrefix(sets[0].Name, "cali60s:") ||
		!slices.Equal(sets[0].Members, []string{"fd00::/8"}) {
		t.Errorf("%v", sets)
	}
	for family, wanted := range map[rules.Family][2]bool{rules.IPv4: {true, false}, rules.IPv6: {false, true}} {
		if ipip, vxlan := world.Encapsulation(family); [2]bool{ipip, vxlan} != wanted {
			t.Errorf("IPv6 %v: IPIP %v, VXLAN %v", family.Is6(), ipip, vxlan)
		}
	}
}
