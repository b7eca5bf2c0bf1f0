// Package calicoctlv1 is the lab's calicoctl of Calico 2.x: the same command line, output, error texts
// and exit codes as version 1.6 of the real one, for what the lab and the bot ask. Its objects lie
// in the datastore as those of today, which Felix of the lab reads.
package calicoctlv1

import (
	"strings"

	"calico-chatops/lab/internal/calico"
)

type object struct {
	Kind       string         `json:"kind"`
	APIVersion string         `json:"apiVersion"`
	Metadata   map[string]any `json:"metadata"`
	Spec       map[string]any `json:"spec"`
}

func newObject(kind string, metadata, spec map[string]any) object {
	return object{Kind: kind, APIVersion: "v1", Metadata: withoutEmpty(metadata), Spec: withoutEmpty(spec)}
}

// withoutEmpty leaves out what is not set, as the real one's structures do.
func withoutEmpty(fields map[string]any) map[string]any {
	kept := map[string]any{}
	for name, value := range fields {
		switch set := value.(type) {
		case string:
			if set == "" {
				continue
			}
		case []string:
			if len(set) == 0 {
				continue
			}
		case map[string]string:
			if len(set) == 0 {
				continue
			}
		case []map[string]any:
			if len(set) == 0 {
				continue
			}
		case bool:
			if !set {
				continue
			}
		}
		kept[name] = value
	}
	return kept
}

func ofProfile(profile *calico.Profile) object {
	return newObject("profile",
		map[string]any{"name": profile.Name, "tags": tagsOf(profile), "labels": profile.Spec.LabelsToApply},
		map[string]any{"ingress": rules(profile.Spec.Ingress), "egress": rules(profile.Spec.Egress)})
}

// tagsAnnotation keeps tags in the lab's profiles, which are of today's kind and have none.
const tagsAnnotation = "calico-2.lab/tags"

// tagsOf are the profile's own; the policy controller tags a profile with its name.
func tagsOf(profile *calico.Profile) []string {
	if tags, written := profile.Annotations[tagsAnnotation]; written {
		return strings.Split(tags, ",")
	}
	return []string{profile.Name}
}

func ofEndpoint(endpoint *calico.WorkloadEndpoint) object {
	return newObject("workloadEndpoint",
		map[string]any{
			"name": endpoint.Spec.Endpoint, "node": endpoint.Spec.Node, "orchestrator": endpoint.Spec.Orchestrator,
			"workload":         endpoint.Namespace + "." + endpoint.Spec.Pod,
			"activeInstanceID": endpoint.Spec.ContainerID, "labels": endpoint.Labels,
		},
		map[string]any{
			"ipNetworks": endpoint.Spec.IPNetworks, "profiles": endpoint.Spec.Profiles,
			"interfaceName": endpoint.Spec.InterfaceName, "mac": endpoint.Spec.MAC,
		})
}

func ofPool(pool *calico.IPPool) object {
	spec := map[string]any{"nat-outgoing": pool.Spec.NATOutgoing, "disabled": pool.Spec.Disabled}
	if pool.Spec.IPIPMode != "" && pool.Spec.IPIPMode != "Never" {
		mode := ""
		if pool.Spec.IPIPMode == "CrossSubnet" {
			mode = "cross-subnet"
		}
		spec["ipip"] = withoutEmpty(map[string]any{"enabled": true, "mode": mode})
	}
	return newObject("ipPool", map[string]any{"cidr": pool.Spec.CIDR}, spec)
}

func ofPolicy(policy *calico.GlobalNetworkPolicy) object {
	var types []string
	for _, one := range policy.Spec.Types {
		types = append(types, strings.ToLower(one))
	}
	spec := map[string]any{
		"ingress": rules(policy.Spec.Ingress), "egress": rules(policy.Spec.Egress), "types": types,
		"selector": policy.Spec.Selector, "doNotTrack": policy.Spec.DoNotTrack, "preDNAT": policy.Spec.PreDNAT,
	}
	if policy.Spec.Order != nil {
		spec["order"] = *policy.Spec.Order
	}
	return newObject("policy", map[string]any{"name": policy.Name}, spec)
}

func ofNode(node *calico.Node) object {
	spec := map[string]any{"orchRefs": node.Spec.OrchRefs}
	if node.Spec.BGP != nil {
		spec["bgp"] = map[string]any{"ipv4Address": node.Spec.BGP.IPv4Address}
	}
	return newObject("node", map[string]any{"name": node.Name}, spec)
}

// rules always show both ends, empty or not.
func rules(source []calico.Rule) []map[string]any {
	var result []map[string]any
	for _, rule := range source {
		one := map[string]any{"action": strings.ToLower(rule.Action), "source": ofEnd(rule.Source), "destination": ofEnd(rule.Destination)}
		if rule.Protocol != nil {
			one["protocol"] = rule.Protocol
		}
		result = append(result, one)
	}
	return result
}

func ofEnd(end calico.EntityRule) map[string]any {
	shown := withoutEmpty(map[string]any{"nets": end.Nets, "notNets": end.NotNets, "selector": end.Selector, "notSelector": end.NotSelector})
	if len(end.Ports) > 0 {
		shown["ports"] = end.Ports
	}
	return shown
}
