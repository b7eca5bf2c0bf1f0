package conversion

import (
	"encoding/json"
	"reflect"
	"testing"

	"sigs.k8s.io/yaml"
)

// The wanted texts follow libcalico-go's clusternetworkpolicy.go.
func TestConvertsPoliciesOfTheCluster(t *testing.T) {
	for source, wanted := range map[string]string{
		`{tier: Admin, priority: 7, subject: {namespaces: {matchLabels: {team: shop}}},
		  ingress: [{name: no-clients, action: Deny, from: [{pods: {namespaceSelector: {}, podSelector: {matchLabels: {app: client}}}}],
		  protocols: [{tcp: {destinationPort: {number: 8080}}}, {tcp: {destinationPort: {range: {start: 8081, end: 8090}}}}]}]}`: `{
			"tier":"kube-admin","order":7,"selector":"projectcalico.org/orchestrator == 'k8s'","namespaceSelector":"team == 'shop'",
			"types":["Ingress"],"ingress":[{"action":"Deny","protocol":"TCP","metadata":{"annotations":{"name":"no-clients"}},
			"source":{"selector":"projectcalico.org/orchestrator == 'k8s' && app == 'client'","namespaceSelector":"all()"},
			"destination":{"ports":["8080:8090"]}}]}`,
		`{tier: Baseline, priority: 0, subject: {pods: {namespaceSelector: {}, podSelector: {}}},
		  egress: [{action: Accept, to: [{networks: [10.1.2.3/8]}, {namespaces: {}}]}, {action: Pass, to: [{}]}, {action: Accept, to: [{}]}]}`: `{
			"tier":"kube-baseline","order":0,"selector":"projectcalico.org/orchestrator == 'k8s'","namespaceSelector":"all()",
			"types":["Egress"],"egress":[{"action":"Allow","destination":{"nets":["10.0.0.0/8"]}},
			{"action":"Allow","destination":{"namespaceSelector":"all()"}},{"action":"Deny"}]}`,
		`{tier: Admin, subject: {namespaces: {}}, ingress: [{action: Pass, from: [{namespaces: {}}],
		  protocols: [{udp: {}}, {udp: {destinationPort: {number: 53}}}]}]}`: `{
			"tier":"kube-admin","order":0,"selector":"projectcalico.org/orchestrator == 'k8s'","namespaceSelector":"all()",
			"types":["Ingress"],"ingress":[{"action":"Pass","protocol":"UDP","source":{"namespaceSelector":"all()"}}]}`,
		`{tier: Admin, subject: {}, ingress: [{action: Deny, from: [{namespaces: {}}]}]}`: `null`,
		`{tier: Other, subject: {namespaces: {}}}`:                                        `null`,
	} {
		policy := &ClusterPolicy{}
		if err := yaml.UnmarshalStrict([]byte("{spec: "+source+"}"), policy); err != nil {
			t.Fatal(err)
		}
		text, err := json.Marshal(PolicyOfCluster(policy))
		if err != nil {
			t.Fatal(err)
		}
		var got, want any
		if err := json.Unmarshal([]byte(wanted), &want); err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(text, &got); err != nil || !reflect.DeepEqual(got, want) {
			t.Errorf("%s:\ngot    %s\nwanted %s", source, text, wanted)
		}
	}
}
