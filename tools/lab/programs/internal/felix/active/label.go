package active

import (
	"maps"

	"calico-chatops/lab/internal/calico"
)

const namespaceLabel = "projectcalico.org/namespace"

// member is something that a selector can select, its addresses as CIDRs, and the names that
// it has for ports.
type member struct {
	labels map[string]string
	nets   []string
	ports  []calico.WorkloadEndpointPort
}

// endpointLabels are the endpoint's own labels and those that its profiles give it, an earlier
// profile before a later one and the endpoint before all.
func (world *World) endpointLabels(endpoint *calico.WorkloadEndpoint) map[string]string {
	labels := maps.Clone(endpoint.Labels)
	if labels == nil {
		labels = make(map[string]string)
	}
	world.inherit(labels, endpoint.Spec.Profiles)
	return labels
}

func (world *World) inherit(labels map[string]string, profiles []string) {
	for _, name := range profiles {
		profile, ok := world.resources[key("Profile", "", name)].(*calico.Profile)
		if !ok {
			continue
		}
		for label, value := range profile.Spec.LabelsToApply {
			if _, taken := labels[label]; !taken {
				labels[label] = value
			}
		}
	}
}

// members are all endpoints of the cluster and all network sets.
func (world *World) members() []member {
	var members []member
	for _, endpoint := range all[*calico.WorkloadEndpoint](world) {
		members = append(members, member{world.endpointLabels(endpoint), endpoint.Spec.IPNetworks, endpoint.Spec.Ports})
	}
	for _, set := range all[*calico.NetworkSet](world) {
		labels := maps.Clone(set.Labels)
		if labels == nil {
			labels = make(map[string]string)
		}
		labels[namespaceLabel] = set.Namespace
		world.inherit(labels, []string{"kns." + set.Namespace})
		members = append(members, member{labels: labels, nets: set.Spec.Nets})
	}
	for _, set := range all[*calico.GlobalNetworkSet](world) {
		members = append(members, member{labels: set.Labels, nets: set.Spec.Nets})
	}
	return members
}
