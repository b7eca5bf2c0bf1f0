package active

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/felix/rules"
	"calico-chatops/lab/internal/felix/selector"
)

const (
	hashNet    = "hash:net"
	hashIP     = "hash:ip"
	hashIPPort = "hash:ip,port"
)

// setSource is what a set of endpoints is made of: those of a selector, and when a port is
// given, their addresses with the port of that name and protocol.
type setSource struct {
	selector       selector.Selector
	protocol, port string
}

func (world *World) selectorSets(sources map[string]setSource, family rules.Family) []Set {
	members := world.members()
	var sets []Set
	for name, source := range sources {
		set := newSet(family, name, hashNet, nil)
		var nets []string
		for _, member := range members {
			if !source.selector.Matches(member.labels) {
				continue
			}
			nets = append(nets, member.nets...)
			set.Members = append(set.Members, member.namedPorts(source, family)...)
		}
		if source.port == "" {
			set = newSet(family, name, hashNet, nets)
		} else {
			set.Type = hashIPPort
			slices.Sort(set.Members)
			set.Members = slices.Compact(set.Members)
		}
		sets = append(sets, set)
	}
	slices.SortFunc(sets, func(a, b Set) int { return strings.Compare(a.Name, b.Name) })
	return sets
}

// namedPorts are the member's addresses with the source's port, as ipset prints them.
func (one member) namedPorts(source setSource, family rules.Family) []string {
	var found []string
	for _, port := range one.ports {
		if port.Name != source.port || protocol(&port.Protocol) != source.protocol {
			continue
		}
		for _, address := range newSet(family, "", hashIP, one.nets).Members {
			found = append(found, fmt.Sprintf("%s,%s:%d", address, source.protocol, port.Port))
		}
	}
	return found
}

// newSet has the members of the family only, each once. A net of every address is kept as two
// halves, since ipset takes no /0.
func newSet(family rules.Family, name, setType string, nets []string) Set {
	set := Set{Name: name, Type: setType}
	halves, host := []string{"0.0.0.0/1", "128.0.0.0/1"}, "/32"
	if family.Is6() {
		halves, host = []string{"::/1", "8000::/1"}, "/128"
	}
	own, _, _ := netsOf(family, slices.DeleteFunc(slices.Clone(nets), func(net string) bool { return !isNet(net) }))
	for _, net := range own {
		if net == everything(family) {
			set.Members = append(set.Members, halves...)
			continue
		}
		set.Members = append(set.Members, strings.TrimSuffix(net, host))
	}
	slices.Sort(set.Members)
	set.Members = slices.Compact(set.Members)
	return set
}

func isNet(text string) bool {
	_, _, err := netsOf(rules.IPv4, []string{text})
	return err == nil
}

// Encapsulation tells which tunnels the family's pools ask for. There is no IPIP of IPv6.
func (world *World) Encapsulation(family rules.Family) (ipip, vxlan bool) {
	for _, pool := range all[*calico.IPPool](world) {
		if len(newSet(family, "", hashNet, []string{pool.Spec.CIDR}).Members) == 0 {
			continue
		}
		ipip = ipip || !family.Is6() && pool.Spec.IPIPMode != "" && pool.Spec.IPIPMode != "Never"
		vxlan = vxlan || pool.Spec.VXLANMode != "" && pool.Spec.VXLANMode != "Never"
	}
	return ipip, vxlan
}

// StaticSets are the sets that every node has. hostAddresses are the node's own.
func StaticSets(world *World, nodeName string, config rules.Config, hostAddresses []string) []Set {
	var pools, masquerading, hosts, others []string
	for _, pool := range all[*calico.IPPool](world) {
		pools = append(pools, pool.Spec.CIDR)
		if pool.Spec.NATOutgoing {
			masquerading = append(masquerading, pool.Spec.CIDR)
		}
	}
	for _, node := range all[*calico.Node](world) {
		own, tunnel := nodeAddresses(config.Family, node)
		prefix, err := netip.ParsePrefix(own)
		if err != nil {
			continue
		}
		hosts = append(hosts, prefix.Addr().String())
		if node.Name != nodeName && tunnel != "" {
			others = append(others, prefix.Addr().String())
		}
	}
	set := func(name, setType string, members []string) Set {
		return newSet(config.Family, config.Family.SetName(name), setType, members)
	}
	sets := []Set{
		set(rules.SetThisHost, hashIP, hostAddresses),
		set(rules.SetAllPools, hashNet, pools),
		set(rules.SetMasqPools, hashNet, masquerading),
		set(rules.SetDSCP, hashNet, nil),
	}
	if config.IPIP {
		sets = append(sets, set(rules.SetAllHosts, hashNet, hosts))
	}
	if config.VXLAN {
		sets = append(sets, set(rules.SetVXLANHosts, hashNet, others))
	}
	return sets
}

// nodeAddresses are the node's own, as a CIDR, and that of its VXLAN device; empty where it has none of the family.
func nodeAddresses(family rules.Family, node *calico.Node) (own, tunnel string) {
	switch {
	case node.Spec.BGP == nil:
		return "", ""
	case family.Is6():
		return node.Spec.BGP.IPv6Address, node.Spec.IPv6VXLANTunnelAddr
	default:
		return node.Spec.BGP.IPv4Address, node.Spec.IPv4VXLANTunnelAddr
	}
}
