package active

import (
	"slices"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/conversion"
	"calico-chatops/lab/internal/felix/rules"
)

const ofCluster = `
spec:
  tier: Admin
  priority: 10
  subject: {pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}}
  ingress:
  - name: no-clients
    action: Deny
    from: [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: client}}}}]
    protocols: [{tcp: {destinationPort: {number: 8080}}}]
`

// The tags are those that real Felix (master of August 2026) gave its rules for the same ClusterNetworkPolicy. They
// hash also the name of the set of whom it denies.
func TestPolicyOfTheClusterAsRealFelix(t *testing.T) {
	policy := &conversion.ClusterPolicy{}
	if err := yaml.Unmarshal([]byte(ofCluster), policy); err != nil {
		t.Fatal(err)
	}
	world := worldOf(t, `
kind: WorkloadEndpoint
metadata: {name: a-k8s-mypod-eth0, namespace: default, labels: {app: web, projectcalico.org/namespace: default, projectcalico.org/orchestrator: k8s}}
spec: {node: a, pod: mypod, endpoint: eth0, interfaceName: cali4e199eba087, ipNetworks: [10.244.1.5/32], profiles: [kns.default]}
---
kind: Profile
metadata: {name: kns.default}
spec: {ingress: [{action: Allow}], egress: [{action: Allow}], labelsToApply: {pcns.kubernetes.io/metadata.name: default}}`)
	world.Put(&calico.GlobalNetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: calico.APIVersion, Kind: "KubernetesClusterNetworkPolicy"},
		ObjectMeta: metav1.ObjectMeta{Name: "block-web"},
		Spec:       *conversion.PolicyOfCluster(policy),
	})
	config := rules.Config{InterfacePrefix: "cali", VXLAN: true, EndpointToHostAction: "ACCEPT"}
	tags := make(map[string][]string)
	for _, table := range rules.Render(config, Compute(world, "a", rules.IPv4).Rules) {
		for _, chain := range table.Chains {
			tags[chain.Name] = chain.Tags()
		}
	}
	if found := tags["cali-pi-kcnp/block-web"]; !slices.Equal(found, []string{"77NOfVqpK80uA5b8", "xv9-6Z4tsz4tTu94"}) {
		t.Errorf("of the policy: %q", found)
	}
	for _, tag := range []string{"kjhB_CydpNWnK4YR", "wwL0YEnaMrb4mSir"} {
		if !slices.Contains(tags["cali-tw-cali4e199eba087"], tag) {
			t.Errorf("no %s in %q", tag, tags["cali-tw-cali4e199eba087"])
		}
	}
}
