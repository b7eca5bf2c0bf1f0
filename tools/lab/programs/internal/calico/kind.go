package calico

import "strings"

// Kind says how a kind of resource is called and where it lives.
type Kind struct {
	Name       string
	Plural     string
	Namespaced bool
	// Aliases are the lower-case names that calicoctl takes beside name and plural.
	Aliases []string
	// New makes a blank resource of the kind; use Empty for one with its type set.
	New func() Resource
}

// Kinds is every kind that the lab knows.
var Kinds = []Kind{
	{Name: "BGPConfiguration", Plural: "bgpconfigurations", Aliases: []string{"bgpconfig", "bgpconfigs"}, New: func() Resource { return &BGPConfiguration{} }},
	{Name: "BGPPeer", Plural: "bgppeers", Aliases: []string{"bgpp", "bgpps", "bp", "bps"}, New: func() Resource { return &BGPPeer{} }},
	{Name: "ClusterInformation", Plural: "clusterinformations", Aliases: []string{"clusterinfo", "clusterinfos"}, New: func() Resource { return &ClusterInformation{} }},
	{Name: "FelixConfiguration", Plural: "felixconfigurations", Aliases: []string{"felixconfig", "felixconfigs"}, New: func() Resource { return &FelixConfiguration{} }},
	{Name: "GlobalNetworkPolicy", Plural: "globalnetworkpolicies", Aliases: []string{"gnp", "gnps"}, New: func() Resource { return &GlobalNetworkPolicy{} }},
	{Name: "GlobalNetworkSet", Plural: "globalnetworksets", Aliases: []string{"gns", "gnss"}, New: func() Resource { return &GlobalNetworkSet{} }},
	{Name: "HostEndpoint", Plural: "hostendpoints", Aliases: []string{"hep", "heps"}, New: func() Resource { return &HostEndpoint{} }},
	{Name: "IPPool", Plural: "ippools", Aliases: []string{"ipp", "ipps", "pool", "pools"}, New: func() Resource { return &IPPool{} }},
	{Name: "KubeControllersConfiguration", Plural: "kubecontrollersconfigurations", Aliases: []string{"kubecontrollersconfig", "kubecontrollersconfigs"}, New: func() Resource { return &KubeControllersConfiguration{} }},
	{Name: "NetworkPolicy", Plural: "networkpolicies", Namespaced: true, Aliases: []string{"policy", "policies", "np", "nps", "pol", "pols"}, New: func() Resource { return &NetworkPolicy{} }},
	{Name: "NetworkSet", Plural: "networksets", Namespaced: true, Aliases: []string{"netset", "netsets"}, New: func() Resource { return &NetworkSet{} }},
	{Name: "Node", Plural: "nodes", Aliases: []string{"no", "nos"}, New: func() Resource { return &Node{} }},
	{Name: "Profile", Plural: "profiles", Aliases: []string{"pro", "pros"}, New: func() Resource { return &Profile{} }},
	{Name: "Tier", Plural: "tiers", New: func() Resource { return &Tier{} }},
	{Name: "WorkloadEndpoint", Plural: "workloadendpoints", Namespaced: true, Aliases: []string{"wep", "weps"}, New: func() Resource { return &WorkloadEndpoint{} }},
}

// KindNamed finds a kind by its name, plural or alias, whatever the case.
func KindNamed(name string) (Kind, bool) {
	lower := strings.ToLower(name)
	for _, kind := range Kinds {
		if lower == strings.ToLower(kind.Name) || lower == kind.Plural {
			return kind, true
		}
		for _, alias := range kind.Aliases {
			if lower == alias {
				return kind, true
			}
		}
	}
	return Kind{}, false
}

// Empty is a new resource of the kind with its type set.
func (kind Kind) Empty() Resource {
	resource := kind.New()
	resource.GetObjectKind().SetGroupVersionKind(groupVersion.WithKind(kind.Name))
	return resource
}
