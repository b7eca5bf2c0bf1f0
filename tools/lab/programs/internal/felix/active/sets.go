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

func (world *World) selectorSets(sources map[string]setSource) []Set {
	members := world.members()
	var sets []Set
	for name, source := range sources {
		set := newSet(name, hashNet, nil)
		var nets []string
		for _, member := range members {
			if !source.selector.Matches(member.labels) {
				continue
			}
			nets = append(nets, member.nets...)
			set.Members = append(set.Members, member.namedPorts(source)...)
		}
		if source.port == "" {
			set = newSet(name, hashNet, nets)
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
func (one member) namedPorts(source setSource) []string {
	var found []string
	for _, port := range one.ports {
		if port.Name != source.port || protocol(&port.Protocol) != source.protocol {
			continue
		}
		for _, address := range newSet("", hashIP, one.nets).Members {
			found = append(found, fmt.Sprintf("%s,%s:%d", address, source.protocol, port.Port))
		}
	}
	return found
}

// newSet has the IPv4 members only, each once. A net of every address is kept as two halves,
// since ipset takes no /0.
func newSet(name, setType string, nets []string) Set {
	set := Set{Name: name, Type: setType}
	ipv4, _, _ := ipv4Nets(slices.DeleteFunc(slices.Clone(nets), func(net string) bool { return !isNet(net) }))
	for _, net := range ipv4 {
		if net == "0.0.0.0/0" {
			set.Members = append(set.Members, "0.0.0.0/1", "128.0.0.0/1")
			continue
		}
		set.Members = append(set.Members, strings.TrimSuffix(net, "/32"))
	}
	slices.Sort(set.Members)
	set.Members = slices.Compact(set.Members)
	return set
}

func isNet(text string) bool {
	_, _, err := ipv4Nets([]string{text})
	return err == nil
}

// Encapsulation tells which tunnels the pools ask for.
func (world *World) Encapsulation() (ipip, vxlan bool) {
	for _, pool := range all[*calico.IPPool](world) {
		ipip = ipip || pool.Spec.IPIPMode != "" && pool.Spec.IPIPMode != "Never"
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
		if node.Spec.BGP == nil {
			continue
		}
		prefix, err := netip.ParsePrefix(node.Spec.BGP.IPv4Address)
		if err != nil {
			continue
		}
		hosts = append(hosts, prefix.Addr().String())
		if node.Name != nodeName && node.Spec.IPv4VXLANTunnelAddr != "" {
			others = append(others, prefix.Addr().String())
		}
	}
	sets := []Set{
		newSet(rules.SetThisHost, hashIP, hostAddresses),
		newSet(rules.SetAllPools, hashNet, pools),
		newSet(rules.SetMasqPools, hashNet, masquerading),
		newSet(rules.SetDSCP, hashNet, nil),
	}
	if config.IPIP {
		sets = append(sets, newSet(rules.SetAllHosts, hashNet, hosts))
	}
	if config.VXLAN {
		sets = append(sets, newSet(rules.SetVXLANHosts, hashNet, others))
	}
	return sets
}
