package active

import (
	"cmp"
	"slices"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/felix/rules"
)

// Result is what is active on a node.
type Result struct {
	Rules     rules.Node
	Endpoints []Endpoint
	// Sets are the IP sets of selectors: of active rules only.
	Sets []Set
	// MissingProfiles are named by endpoints of the node and are not in the datastore.
	MissingProfiles []string
	// Complaints are what cannot be rendered, each with its reason.
	Complaints []string
}

// Endpoint is an endpoint of the node and its addresses (CIDRs of one address each).
type Endpoint struct {
	Source    *calico.WorkloadEndpoint
	Interface string
	Addresses []string
}

// Set is an IP set: its name, ipset's type for it, and its members as ipset prints them, sorted.
type Set struct {
	Name, Type string
	Members    []string
}

// Compute works out what of the family is active on the node of that name. Only endpoints with an
// interface name count.
func Compute(world *World, nodeName string, family rules.Family) Result {
	resolve := &resolver{family: family, selectors: make(map[string]setSource)}
	policies := world.policies(resolve.complain)
	var result Result
	var profiles []string
	active := make(map[rules.PolicyID]policy)
	for _, source := range all[*calico.WorkloadEndpoint](world) {
		if source.Spec.Node != nodeName || source.Spec.InterfaceName == "" {
			continue
		}
		addresses, _, err := netsOf(family, source.Spec.IPNetworks)
		if err != nil {
			resolve.complain("WorkloadEndpoint %s left out: %v", source.Name, err)
			continue
		}
		labels := world.endpointLabels(source)
		endpoint := rules.Endpoint{Interface: source.Spec.InterfaceName, Profiles: source.Spec.Profiles}
		for _, tier := range world.tiers() {
			ingress, egress := rules.Tier{Name: tier.name, PassAtEnd: tier.passAtEnd}, rules.Tier{Name: tier.name, PassAtEnd: tier.passAtEnd}
			for _, policy := range policies {
				if policy.tier != tier.name || !policy.selector.Matches(labels) {
					continue
				}
				reference := rules.PolicyRef{ID: policy.id, Selector: policy.selector.String()}
				if policy.onIngress {
					ingress.Policies = append(ingress.Policies, reference)
				}
				if policy.onEgress {
					egress.Policies = append(egress.Policies, reference)
				}
				active[policy.id] = policy
			}
			endpoint.Ingress, endpoint.Egress = append(endpoint.Ingress, ingress), append(endpoint.Egress, egress)
		}
		profiles = append(profiles, source.Spec.Profiles...)
		result.Rules.Endpoints = append(result.Rules.Endpoints, endpoint)
		result.Endpoints = append(result.Endpoints, Endpoint{source, source.Spec.InterfaceName, addresses})
	}
	for _, policy := range active {
		one := rules.Policy{ID: policy.id}
		owner := policy.id.Kind + " " + policy.id.Name
		if policy.onIngress {
			one.Ingress = resolve.rules(owner+" ingress", policy.id.Namespace, policy.ingress)
		}
		if policy.onEgress {
			one.Egress = resolve.rules(owner+" egress", policy.id.Namespace, policy.egress)
		}
		result.Rules.Policies = append(result.Rules.Policies, one)
	}
	slices.SortFunc(result.Rules.Policies, func(a, b rules.Policy) int {
		return cmp.Or(cmp.Compare(a.ID.Kind, b.ID.Kind), cmp.Compare(a.ID.Namespace, b.ID.Namespace), cmp.Compare(a.ID.Name, b.ID.Name))
	})
	slices.Sort(profiles)
	for _, name := range slices.Compact(profiles) {
		profile, there := world.profile(resolve, name)
		result.Rules.Profiles = append(result.Rules.Profiles, profile)
		if !there {
			result.MissingProfiles = append(result.MissingProfiles, name)
		}
	}
	result.Sets = world.selectorSets(resolve.selectors, family)
	slices.Sort(resolve.complaints)
	result.Complaints = slices.Compact(resolve.complaints)
	return result
}

// profile is the profile of that name, or for a missing one the stand-in that drops everything.
func (world *World) profile(resolve *resolver, name string) (rules.Profile, bool) {
	source, ok := world.resources[key("Profile", "", name)].(*calico.Profile)
	if !ok {
		drop := []rules.PolicyRule{{Action: "Deny"}}
		return rules.Profile{Name: name, Ingress: drop, Egress: drop}, false
	}
	return rules.Profile{
		Name:    name,
		Ingress: resolve.rules("Profile "+name+" ingress", "", source.Spec.Ingress),
		Egress:  resolve.rules("Profile "+name+" egress", "", source.Spec.Egress),
	}, true
}
