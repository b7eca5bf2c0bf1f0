package calicoctl

import (
	"fmt"
	"sort"
	"strings"

	"calico-chatops/lab/internal/calico"
)

// column is a heading and how to read its value off a resource.
type column struct {
	heading string
	value   func(calico.Resource) string
}

// columns are the tables' headings by kind: those of the narrow table, then all of the wide
// one. asNumber is looked up only where a row needs it.
func columns(kind calico.Kind, asNumber func() string) (narrow, wide []column) {
	name := column{"NAME", calico.Resource.GetName}
	named := []column{name}
	switch kind.Name {
	case "Profile":
		return named, append(named, of("LABELS", func(r *calico.Profile) string { return pairs(r.Spec.LabelsToApply) }))
	case "WorkloadEndpoint":
		common := []column{
			of("WORKLOAD", func(r *calico.WorkloadEndpoint) string { return first(r.Spec.Workload, r.Spec.Pod) }),
			of("NODE", func(r *calico.WorkloadEndpoint) string { return r.Spec.Node }),
			of("NETWORKS", func(r *calico.WorkloadEndpoint) string { return strings.Join(r.Spec.IPNetworks, ",") }),
			of("INTERFACE", func(r *calico.WorkloadEndpoint) string { return r.Spec.InterfaceName }),
		}
		return common, append(append(named, common...),
			of("PROFILES", func(r *calico.WorkloadEndpoint) string { return strings.Join(r.Spec.Profiles, ",") }),
			of("NATS", func(r *calico.WorkloadEndpoint) string { return strings.Trim(fmt.Sprint(r.Spec.IPNATs), "[]") }))
	case "IPPool":
		cidr := of("CIDR", func(r *calico.IPPool) string { return r.Spec.CIDR })
		selector := of("SELECTOR", func(r *calico.IPPool) string { return r.Spec.NodeSelector })
		return append(named, cidr, selector), append(named, cidr,
			of("NAT", func(r *calico.IPPool) string { return fmt.Sprint(r.Spec.NATOutgoing) }),
			of("IPIPMODE", func(r *calico.IPPool) string { return first(r.Spec.IPIPMode, "Never") }),
			of("VXLANMODE", func(r *calico.IPPool) string { return first(r.Spec.VXLANMode, "Never") }),
			of("DISABLED", func(r *calico.IPPool) string { return fmt.Sprint(r.Spec.Disabled) }),
			of("DISABLEBGPEXPORT", func(r *calico.IPPool) string { return fmt.Sprint(r.Spec.DisableBGPExport) }),
			selector,
			of("ASSIGNMENTMODE", func(r *calico.IPPool) string { return r.Spec.AssignmentMode }))
	case "Node":
		return named, append(named, nodeColumns(asNumber)...)
	case "NetworkPolicy":
		tier := of("TIER", func(r *calico.NetworkPolicy) string { return r.Spec.Tier })
		return append(named, tier), append(named, tier,
			of("ORDER", func(r *calico.NetworkPolicy) string { return number(r.Spec.Order) }),
			of("SELECTOR", func(r *calico.NetworkPolicy) string { return r.Spec.Selector }))
	case "GlobalNetworkPolicy":
		tier := of("TIER", func(r *calico.GlobalNetworkPolicy) string { return r.Spec.Tier })
		return append(named, tier), append(named, tier,
			of("ORDER", func(r *calico.GlobalNetworkPolicy) string { return number(r.Spec.Order) }),
			of("SELECTOR", func(r *calico.GlobalNetworkPolicy) string { return r.Spec.Selector }))
	case "Tier":
		both := append(named, of("ORDER", func(r *calico.Tier) string { return number(r.Spec.Order) }))
		return both, both
	case "BGPPeer":
		both := append(named,
			of("PEERIP", func(r *calico.BGPPeer) string { return r.Spec.PeerIP }),
			of("NODE", func(r *calico.BGPPeer) string { return first(r.Spec.Node, first(r.Spec.NodeSelector, "(global)")) }),
			of("ASN", func(r *calico.BGPPeer) string { return fmt.Sprint(r.Spec.ASNumber) }))
		return both, both
	case "HostEndpoint":
		node := of("NODE", func(r *calico.HostEndpoint) string { return r.Spec.Node })
		return append(named, node), append(named, node,
			of("INTERFACE", func(r *calico.HostEndpoint) string { return r.Spec.InterfaceName }),
			of("IPS", func(r *calico.HostEndpoint) string { return strings.Join(r.Spec.ExpectedIPs, ",") }),
			of("PROFILES", func(r *calico.HostEndpoint) string { return strings.Join(r.Spec.Profiles, ",") }))
	case "NetworkSet":
		return named, append(named, of("NETS", func(r *calico.NetworkSet) string { return listed(r.Spec.Nets) }))
	case "GlobalNetworkSet":
		return named, append(named, of("NETS", func(r *calico.GlobalNetworkSet) string { return listed(r.Spec.Nets) }))
	case "BGPConfiguration":
		wide := append(named,
			of("LOGSEVERITY", func(r *calico.BGPConfiguration) string { return r.Spec.LogSeverityScreen }),
			of("MESHENABLED", func(r *calico.BGPConfiguration) string { return boolean(r.Spec.NodeToNodeMeshEnabled) }),
			of("ASNUMBER", func(r *calico.BGPConfiguration) string { return number(r.Spec.ASNumber) }))
		return wide, wide
	case "ClusterInformation":
		both := append(named,
			of("CLUSTERGUID", func(r *calico.ClusterInformation) string { return r.Spec.ClusterGUID }),
			of("CLUSTERTYPE", func(r *calico.ClusterInformation) string { return r.Spec.ClusterType }),
			of("CALICOVERSION", func(r *calico.ClusterInformation) string { return r.Spec.CalicoVersion }),
			of("DATASTOREREADY", func(r *calico.ClusterInformation) string { return boolean(r.Spec.DatastoreReady) }))
		return both, both
	default:
		return named, named
	}
}

func nodeColumns(asNumber func() string) []column {
	bgp := func(r *calico.Node) calico.NodeBGP {
		if r.Spec.BGP == nil {
			return calico.NodeBGP{}
		}
		return *r.Spec.BGP
	}
	return []column{
		of("ASN", func(r *calico.Node) string {
			switch {
			case r.Spec.BGP == nil:
				return ""
			case r.Spec.BGP.ASNumber == nil:
				return "(" + asNumber() + ")"
			default:
				return number(r.Spec.BGP.ASNumber)
			}
		}),
		of("IPV4", func(r *calico.Node) string { return bgp(r).IPv4Address }),
		of("IPV6", func(r *calico.Node) string { return bgp(r).IPv6Address }),
	}
}

func of[R calico.Resource](heading string, value func(R) string) column {
	return column{heading, func(resource calico.Resource) string { return value(resource.(R)) }}
}

func first(text, otherwise string) string {
	if text != "" {
		return text
	}
	return otherwise
}

func number[N float64 | uint32](value *N) string {
	if value == nil {
		return "<nil>"
	}
	return fmt.Sprint(*value)
}

func boolean(value *bool) string {
	if value == nil {
		return "<nil>"
	}
	return fmt.Sprint(*value)
}

func pairs(labels map[string]string) string {
	var parts []string
	for name, value := range labels {
		parts = append(parts, name+"="+value)
	}
	sort.Strings(parts)
	return strings.Join(parts, ",")
}

const longestList = 80

// listed joins networks, cut short as the real table cuts them.
func listed(nets []string) string {
	text := strings.Join(nets, ",")
	if len(text) > longestList {
		return text[:longestList-3] + "..."
	}
	return text
}
