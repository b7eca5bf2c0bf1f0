// Package conversion makes Calico's resources of Kubernetes' own, as Calico's programs do.
package conversion

import (
	"fmt"
	"net/netip"
	"slices"
	"sort"

	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"calico-chatops/lab/internal/calico"
)

// PolicyPrefix begins the names of Calico policies that stand for Kubernetes ones.
const PolicyPrefix = "knp.default."

// kubernetesOrder is the order of all of them.
const kubernetesOrder = 1000.0

// Policy makes the Calico policy of a Kubernetes one. A rule that cannot be expressed
// is left out, and the error says so beside the policy that is left.
func Policy(policy *networkingv1.NetworkPolicy) (calico.NetworkPolicySpec, error) {
	order := kubernetesOrder
	spec := calico.NetworkPolicySpec{Tier: "default", Order: &order, Selector: podSelector(&policy.Spec.PodSelector)}
	var problem error
	for _, rule := range policy.Spec.Ingress {
		rules, err := convertRule(rule.From, rule.Ports, true)
		spec.Ingress, problem = append(spec.Ingress, rules...), firstError(problem, err)
	}
	for _, rule := range policy.Spec.Egress {
		rules, err := convertRule(rule.To, rule.Ports, false)
		spec.Egress, problem = append(spec.Egress, rules...), firstError(problem, err)
	}
	for _, direction := range []networkingv1.PolicyType{networkingv1.PolicyTypeIngress, networkingv1.PolicyTypeEgress} {
		if slices.Contains(policy.Spec.PolicyTypes, direction) {
			spec.Types = append(spec.Types, string(direction))
		}
	}
	if len(spec.Types) == 0 {
		spec.Types = []string{string(networkingv1.PolicyTypeIngress)}
	}
	return spec, problem
}

// convertRule makes one Calico rule for each protocol and peer.
func convertRule(peers []networkingv1.NetworkPolicyPeer, ports []networkingv1.NetworkPolicyPort, ingress bool) ([]calico.Rule, error) {
	byProtocol, err := portsByProtocol(ports)
	if err != nil {
		return nil, err
	}
	var protocols []string
	for protocol := range byProtocol {
		protocols = append(protocols, protocol)
	}
	sort.Strings(protocols)
	var ends []calico.EntityRule
	for _, peer := range peers {
		end, err := convertPeer(peer)
		if err != nil {
			return nil, err
		}
		ends = append(ends, end)
	}
	if len(peers) == 0 {
		ends = []calico.EntityRule{{}}
	}
	var rules []calico.Rule
	for _, protocol := range protocols {
		for _, end := range ends {
			rule := calico.Rule{Action: "Allow", Destination: calico.EntityRule{Ports: byProtocol[protocol]}}
			if protocol != "" {
				value := intstr.FromString(protocol)
				rule.Protocol = &value
			}
			if ingress {
				rule.Source = end
			} else {
				end.Ports = rule.Destination.Ports
				rule.Destination = end
			}
			rules = append(rules, rule)
		}
	}
	return rules, nil
}

// portsByProtocol collects the ports of each protocol; no port at all of a protocol means all
// of them. Without any restriction the one protocol is "".
func portsByProtocol(ports []networkingv1.NetworkPolicyPort) (map[string][]intstr.IntOrString, error) {
	if len(ports) == 0 {
		return map[string][]intstr.IntOrString{"": nil}, nil
	}
	collected, whole := map[string][]intstr.IntOrString{}, map[string]bool{}
	for _, port := range ports {
		protocol := "TCP"
		if port.Protocol != nil {
			protocol = string(*port.Protocol)
		}
		if port.Port == nil {
			whole[protocol] = true
			continue
		}
		value := *port.Port
		if port.EndPort != nil {
			if value.Type == intstr.String || int(*port.EndPort) < value.IntValue() {
				return nil, fmt.Errorf("failed to parse k8s port: endPort %d does not fit port %s", *port.EndPort, value.String())
			}
			value = intstr.FromString(fmt.Sprintf("%d:%d", value.IntValue(), *port.EndPort))
		}
		collected[protocol] = append(collected[protocol], value)
	}
	for protocol, numbers := range collected {
		collected[protocol] = joinPorts(numbers)
	}
	for protocol := range whole {
		collected[protocol] = nil
	}
	return collected, nil
}

func convertPeer(peer networkingv1.NetworkPolicyPeer) (calico.EntityRule, error) {
	if peer.IPBlock == nil {
		return calico.EntityRule{Selector: podSelector(peer.PodSelector), NamespaceSelector: namespaceSelector(peer.NamespaceSelector)}, nil
	}
	nets, err := masked([]string{peer.IPBlock.CIDR})
	if err != nil {
		return calico.EntityRule{}, err
	}
	notNets, err := masked(peer.IPBlock.Except)
	return calico.EntityRule{Nets: nets, NotNets: notNets}, err
}

func masked(cidrs []string) ([]string, error) {
	var all []string
	for _, cidr := range cidrs {
		prefix, err := netip.ParsePrefix(cidr)
		if err != nil {
			return nil, err
		}
		all = append(all, prefix.Masked().String())
	}
	return all, nil
}

func firstError(one, other error) error {
	if one != nil {
		return one
	}
	return other
}
