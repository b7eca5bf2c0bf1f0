package conversion

import (
	"os"
	"reflect"
	"strings"
	"testing"

	networkingv1 "k8s.io/api/networking/v1"
	"sigs.k8s.io/yaml"

	"calico-chatops/lab/internal/calico"
)

const captures = "../../../../../test/fixtures/captures/"

// What the real program made of the same Kubernetes policy.
func TestConvertsAsTheRealOneDid(t *testing.T) {
	for capture, policy := range map[string]string{
		"policies-legacy": `
metadata: {name: web-from-client-and-shop-api, namespace: default}
spec:
  podSelector: {matchLabels: {app: web}}
  policyTypes: [Ingress]
  ingress:
  - from:
    - podSelector: {matchLabels: {app: client}}
    - podSelector: {matchLabels: {app: api}}
      namespaceSelector: {matchLabels: {team: shop}}
    ports: [{port: 8080, protocol: TCP}]`,
		"k8s-deny-ingress-legacy": `
metadata: {name: deny-all-ingress, namespace: default}
spec: {podSelector: {matchLabels: {app: web}}, policyTypes: [Ingress]}`,
	} {
		text, err := os.ReadFile(captures + capture + "/calicoctl/get-networkpolicy-yaml.txt")
		if err != nil {
			t.Fatal(err)
		}
		var captured struct {
			Items []calico.NetworkPolicy `json:"items"`
		}
		if err := yaml.Unmarshal([]byte(strings.TrimSuffix(string(text), "exit 0\n")), &captured); err != nil {
			t.Fatal(err)
		}
		source := policyOf(t, policy)
		got, err := Policy(source)
		if err != nil {
			t.Fatal(err)
		}
		found := false
		for _, item := range captured.Items {
			if item.Name == PolicyPrefix+source.Name {
				found = true
				if !reflect.DeepEqual(got, item.Spec) {
					t.Errorf("%s: got %+v, the real one %+v", capture, got, item.Spec)
				}
			}
		}
		if !found {
			t.Errorf("%s holds no such policy", capture)
		}
	}
}

func TestConvertsEveryPart(t *testing.T) {
	for policy, want := range map[string]string{
		`spec: {podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.1.2.3/8, except: [10.9.9.9/16]}}], ports: [{protocol: UDP, port: 53}, {port: 81}, {port: 80}, {port: http}, {port: 90, endPort: 95}]}]}`: `
order: 1000
tier: default
selector: projectcalico.org/orchestrator == 'k8s'
types: [Egress]
egress:
- {action: Allow, protocol: TCP, destination: {nets: [10.0.0.0/8], notNets: [10.9.0.0/16], ports: [http, "80:81", "90:95"]}}
- {action: Allow, protocol: UDP, destination: {nets: [10.0.0.0/8], notNets: [10.9.0.0/16], ports: [53]}}`,
		`spec: {podSelector: {matchLabels: {b: "2", a: "1"}, matchExpressions: [{key: k, operator: In, values: [v, w]}, {key: k, operator: NotIn, values: [z]}, {key: l, operator: Exists}, {key: m, operator: DoesNotExist}]}, ingress: [{from: [{namespaceSelector: {}}, {namespaceSelector: {matchLabels: {team: t}}}], ports: [{protocol: SCTP}, {protocol: SCTP, port: 1}]}, {}]}`: `
order: 1000
tier: default
selector: projectcalico.org/orchestrator == 'k8s' && a == '1' && b == '2' && k in { 'v', 'w' } && k not in { 'z' } && has(l) && ! has(m)
types: [Ingress]
ingress:
- {action: Allow, protocol: SCTP, source: {namespaceSelector: all(), selector: "projectcalico.org/orchestrator == 'k8s'"}}
- {action: Allow, protocol: SCTP, source: {namespaceSelector: "team == 't'", selector: "projectcalico.org/orchestrator == 'k8s'"}}
- {action: Allow}`,
	} {
		var wanted calico.NetworkPolicySpec
		if err := yaml.UnmarshalStrict([]byte(want), &wanted); err != nil {
			t.Fatal(err)
		}
		got, err := Policy(policyOf(t, policy))
		if err != nil || !reflect.DeepEqual(got, wanted) {
			shown, _ := yaml.Marshal(got)
			t.Errorf("%s\nbecame %v\n%s", policy, err, shown)
		}
	}
}

func TestLeavesOutWhatCannotBeConverted(t *testing.T) {
	got, err := Policy(policyOf(t, `spec: {podSelector: {}, ingress: [{ports: [{port: 90, endPort: 80}]}, {ports: [{port: 1}]}]}`))
	if err == nil || len(got.Ingress) != 1 {
		t.Errorf("%v, %+v", err, got)
	}
}

func policyOf(t *testing.T, text string) *networkingv1.NetworkPolicy {
	t.Helper()
	policy := &networkingv1.NetworkPolicy{}
	if err := yaml.UnmarshalStrict([]byte(text), policy); err != nil {
		t.Fatal(err)
	}
	return policy
}
