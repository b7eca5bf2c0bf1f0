package conversion

import (
	"errors"
	"fmt"
	"sort"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"calico-chatops/lab/internal/calico"
)

// ClusterPolicy is a ClusterNetworkPolicy of policy.networking.k8s.io/v1alpha2: of the whole cluster, before the
// policies of namespaces or behind them.
type ClusterPolicy struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata"`
	Spec              ClusterPolicySpec `json:"spec"`
}

// ClusterPolicySpec has whom it is about and, by direction, its rules in order.
type ClusterPolicySpec struct {
	Tier     string              `json:"tier"`
	Priority int                 `json:"priority"`
	Subject  ClusterPolicyPeer   `json:"subject"`
	Ingress  []ClusterPolicyRule `json:"ingress,omitempty"`
	Egress   []ClusterPolicyRule `json:"egress,omitempty"`
}

// ClusterPolicyRule accepts, denies or passes to what follows its tier.
type ClusterPolicyRule struct {
	Name      string                  `json:"name,omitempty"`
	Action    string                  `json:"action"`
	From      []ClusterPolicyPeer     `json:"from,omitempty"`
	To        []ClusterPolicyPeer     `json:"to,omitempty"`
	Protocols []ClusterPolicyProtocol `json:"protocols,omitempty"`
}

// ClusterPolicyPeer is namespaces, pods of namespaces, or networks.
type ClusterPolicyPeer struct {
	Namespaces *metav1.LabelSelector `json:"namespaces,omitempty"`
	Pods       *ClusterPolicyPods    `json:"pods,omitempty"`
	Networks   []string              `json:"networks,omitempty"`
}

// ClusterPolicyPods needs both selectors: an empty one selects all.
type ClusterPolicyPods struct {
	NamespaceSelector metav1.LabelSelector `json:"namespaceSelector"`
	PodSelector       metav1.LabelSelector `json:"podSelector"`
}

// ClusterPolicyProtocol has one of its fields.
type ClusterPolicyProtocol struct {
	TCP                  *ClusterPolicyPorts `json:"tcp,omitempty"`
	UDP                  *ClusterPolicyPorts `json:"udp,omitempty"`
	SCTP                 *ClusterPolicyPorts `json:"sctp,omitempty"`
	DestinationNamedPort string              `json:"destinationNamedPort,omitempty"`
}

// ClusterPolicyPorts is all ports where it names none.
type ClusterPolicyPorts struct {
	DestinationPort *struct {
		Number int `json:"number,omitempty"`
		Range  *struct {
			Start int `json:"start"`
			End   int `json:"end"`
		} `json:"range,omitempty"`
	} `json:"destinationPort,omitempty"`
}

var (
	clusterTiers   = map[string]string{"Admin": "kube-admin", "Baseline": "kube-baseline"}
	clusterActions = map[string]string{"Accept": "Allow", "Deny": "Deny", "Pass": "Pass"}

	errNoPeer = errors.New("none of supported fields is set")
)

// PolicyOfCluster makes the Calico policy of one for the whole cluster; nothing where Felix skips it: without a
// subject, or of a tier that is not known.
func PolicyOfCluster(policy *ClusterPolicy) *calico.GlobalNetworkPolicySpec {
	tier, known := clusterTiers[policy.Spec.Tier]
	order := float64(policy.Spec.Priority)
	spec := calico.GlobalNetworkPolicySpec{Tier: tier, Order: &order}
	switch subject := policy.Spec.Subject; {
	case !known:
		return nil
	case subject.Namespaces != nil:
		spec.NamespaceSelector, spec.Selector = namespaceSelector(subject.Namespaces), podSelector(nil)
	case subject.Pods != nil:
		spec.NamespaceSelector = namespaceSelector(&subject.Pods.NamespaceSelector)
		spec.Selector = podSelector(&subject.Pods.PodSelector)
	default:
		return nil
	}
	for _, rule := range policy.Spec.Ingress {
		spec.Ingress = append(spec.Ingress, convertClusterRule(rule, rule.From, true)...)
	}
	for _, rule := range policy.Spec.Egress {
		spec.Egress = append(spec.Egress, convertClusterRule(rule, rule.To, false)...)
	}
	// Both tiers pass what no rule decides, so a direction without rules is not judged.
	if len(spec.Ingress) > 0 {
		spec.Types = append(spec.Types, "Ingress")
	}
	if len(spec.Egress) > 0 {
		spec.Types = append(spec.Types, "Egress")
	}
	return &spec
}

// convertClusterRule makes a rule for each protocol and peer. What cannot be converted denies everything, unless it
// was to accept.
func convertClusterRule(rule ClusterPolicyRule, peers []ClusterPolicyPeer, ingress bool) []calico.Rule {
	action, known := clusterActions[rule.Action]
	ends, err := clusterEnds(peers, ingress)
	if !known || err != nil {
		if rule.Action == "Deny" || rule.Action == "Pass" {
			return []calico.Rule{{Action: "Deny"}}
		}
		return nil
	}
	ports := clusterPorts(rule.Protocols)
	var protocols []string
	for protocol := range ports {
		protocols = append(protocols, protocol)
	}
	sort.Strings(protocols)
	var rules []calico.Rule
	for _, protocol := range protocols {
		for _, end := range ends {
			converted := calico.Rule{Action: action}
			if rule.Name != "" {
				converted.Metadata = &calico.RuleMetadata{Annotations: map[string]string{"name": rule.Name}}
			}
			if protocol != "" {
				value := intstr.FromString(protocol)
				converted.Protocol = &value
			}
			if ingress {
				converted.Source = end
			} else {
				converted.Destination = end
			}
			converted.Destination.Ports = ports[protocol]
			rules = append(rules, converted)
		}
	}
	return rules
}

func clusterEnds(peers []ClusterPolicyPeer, ingress bool) ([]calico.EntityRule, error) {
	var ends []calico.EntityRule
	for _, peer := range peers {
		var end calico.EntityRule
		if peer.Namespaces != nil {
			end.NamespaceSelector = namespaceSelector(peer.Namespaces)
		}
		if peer.Pods != nil {
			end.NamespaceSelector = namespaceSelector(&peer.Pods.NamespaceSelector)
			end.Selector = podSelector(&peer.Pods.PodSelector)
		}
		if !ingress {
			nets, err := masked(peer.Networks)
			if err != nil {
				return nil, err
			}
			end.Nets = nets
		}
		if end.NamespaceSelector == "" && len(end.Nets) == 0 {
			return nil, errNoPeer
		}
		ends = append(ends, end)
	}
	return ends, nil
}

// clusterPorts are by protocol, "" for any; no port at all of a protocol means all of them.
func clusterPorts(protocols []ClusterPolicyProtocol) map[string][]intstr.IntOrString {
	collected, whole := map[string][]intstr.IntOrString{}, map[string]bool{}
	for _, one := range protocols {
		protocol, ports := "", (*ClusterPolicyPorts)(nil)
		switch {
		case one.TCP != nil:
			protocol, ports = "TCP", one.TCP
		case one.UDP != nil:
			protocol, ports = "UDP", one.UDP
		case one.SCTP != nil:
			protocol, ports = "SCTP", one.SCTP
		case one.DestinationNamedPort != "":
			collected[""] = append(collected[""], intstr.FromString(one.DestinationNamedPort))
			continue
		default:
			return map[string][]intstr.IntOrString{"": nil}
		}
		switch to := ports.DestinationPort; {
		case to != nil && to.Number != 0:
			collected[protocol] = append(collected[protocol], intstr.FromInt32(int32(to.Number)))
		case to != nil && to.Range != nil:
			collected[protocol] = append(collected[protocol], intstr.FromString(fmt.Sprintf("%d:%d", to.Range.Start, to.Range.End)))
		default:
			whole[protocol] = true
		}
	}
	for protocol, numbers := range collected {
		collected[protocol] = joinPorts(numbers)
	}
	for protocol := range whole {
		collected[protocol] = nil
	}
	if len(collected) == 0 {
		collected[""] = nil
	}
	return collected
}
