package active

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/util/intstr"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/felix/rules"
	"calico-chatops/lab/internal/felix/selector"
)

// resolver turns the rules of the API into rules for the packet filter, and collects the
// selectors that need an IP set, by the set's name.
type resolver struct {
	family     rules.Family
	selectors  map[string]setSource
	complaints []string
}

func (r *resolver) complain(format string, arguments ...any) {
	r.complaints = append(r.complaints, fmt.Sprintf(format, arguments...))
}

// rules resolves the rules of an owner in a namespace (empty: none). A rule that cannot be
// rendered yet is left out, and named in the complaints.
func (r *resolver) rules(owner, namespace string, source []calico.Rule) []rules.PolicyRule {
	var resolved []rules.PolicyRule
	for position, rule := range source {
		one, applies, err := r.rule(namespace, rule)
		if err != nil {
			r.complain("%s: rule %d left out: %v", owner, position+1, err)
		} else if applies {
			resolved = append(resolved, one)
		}
	}
	return resolved
}

// rule also tells whether the rule says anything about the family.
func (r *resolver) rule(namespace string, rule calico.Rule) (resolved rules.PolicyRule, applies bool, err error) {
	if rule.HTTP != nil {
		return resolved, false, fmt.Errorf("http match: not yet")
	}
	if rule.IPVersion != nil && (*rule.IPVersion == 6) != r.family.Is6() {
		return resolved, false, nil
	}
	resolved.Action = rule.Action
	if !slices.Contains([]string{"Allow", "Deny", "Pass", "Log"}, rule.Action) {
		return resolved, false, fmt.Errorf("unknown action %q", rule.Action)
	}
	resolved.Protocol, resolved.NotProtocol = protocol(rule.Protocol), protocol(rule.NotProtocol)
	resolved.ICMP, resolved.NotICMP = icmp(rule.ICMP), icmp(rule.NotICMP)
	if rule.Metadata != nil {
		for name, value := range rule.Metadata.Annotations {
			resolved.Annotations = append(resolved.Annotations, name+"="+value)
		}
		slices.Sort(resolved.Annotations)
	}
	source, sourceApplies, err := r.peer(namespace, resolved.Protocol, rule.Source)
	if err != nil {
		return resolved, false, fmt.Errorf("source: %w", err)
	}
	destination, destinationApplies, err := r.peer(namespace, resolved.Protocol, rule.Destination)
	if err != nil {
		return resolved, false, fmt.Errorf("destination: %w", err)
	}
	resolved.Source, resolved.Destination = source, destination
	return resolved, sourceApplies && destinationApplies, nil
}

func (r *resolver) peer(namespace, protocol string, entity calico.EntityRule) (peer rules.Peer, applies bool, err error) {
	if entity.Services != nil || len(entity.Domains) > 0 {
		return peer, false, fmt.Errorf("services and domains: not yet")
	}
	var netsApply, notNetsApply bool
	if peer.Nets, netsApply, err = netsOf(r.family, entity.Nets); err != nil {
		return peer, false, err
	}
	if peer.NotNets, notNetsApply, err = netsOf(r.family, entity.NotNets); err != nil {
		return peer, false, err
	}
	if slices.Contains(peer.NotNets, everything(r.family)) {
		return peer, false, nil
	}
	var names, notNames []string
	peer.Ports, names = splitNamed(entity.Ports)
	peer.NotPorts, notNames = splitNamed(entity.NotPorts)
	positive, err := entitySelector(namespace, entity)
	if err != nil {
		return peer, false, err
	}
	if positive != "" && entity.NotSelector != "" {
		positive = fmt.Sprintf("(%s) && !(%s)", positive, entity.NotSelector)
	} else if entity.NotSelector != "" {
		if peer.NotSets, err = r.set(entity.NotSelector); err != nil {
			return peer, false, err
		}
	}
	if peer.NamedPorts, err = r.namedPorts(positive, protocol, names); err != nil {
		return peer, false, err
	}
	if peer.NotNamedPorts, err = r.namedPorts(positive, protocol, notNames); err != nil {
		return peer, false, err
	}
	// The sets of named ports have the selector's endpoints only, so that it is said already.
	if positive != "" && (len(names) == 0 || len(peer.Ports) > 0) {
		peer.Sets, err = r.set(positive)
	}
	return peer, netsApply && notNetsApply, err
}

func (r *resolver) set(text string) ([]string, error) {
	parsed, err := selector.Parse(text)
	if err != nil {
		return nil, err
	}
	name := r.family.SetName(rules.SelectorSetName(parsed.String()))
	r.selectors[name] = setSource{selector: parsed}
	return []string{rules.SelectorSetName(parsed.String())}, nil
}

// namedPorts are the sets of the ports that the selector's endpoints call by these names. An
// empty selector means all endpoints, no protocol means TCP.
func (r *resolver) namedPorts(text, protocol string, names []string) ([]string, error) {
	parsed, err := selector.Parse(text)
	if err != nil {
		return nil, err
	}
	if protocol == "" {
		protocol = "tcp"
	}
	var sets []string
	for _, port := range names {
		name := rules.NamedPortSetName(parsed.String(), protocol, port)
		r.selectors[r.family.SetName(name)] = setSource{selector: parsed, protocol: protocol, port: port}
		sets = append(sets, name)
	}
	return sets, nil
}

func protocol(value *intstr.IntOrString) string {
	if value == nil {
		return ""
	}
	return strings.ToLower(value.String())
}

func icmp(match *calico.ICMPMatch) string {
	switch {
	case match == nil || match.Type == nil:
		return ""
	case match.Code == nil:
		return fmt.Sprint(*match.Type)
	default:
		return fmt.Sprintf("%d/%d", *match.Type, *match.Code)
	}
}

// netsOf are those of the family, masked. They do not apply when all are of the other one.
func netsOf(family rules.Family, nets []string) (found []string, apply bool, err error) {
	for _, text := range nets {
		prefix, err := netip.ParsePrefix(text)
		if err != nil {
			address, addressErr := netip.ParseAddr(text)
			if addressErr != nil {
				return nil, false, fmt.Errorf("net %q: %w", text, err)
			}
			prefix = netip.PrefixFrom(address, address.BitLen())
		}
		if prefix.Addr().Is6() == family.Is6() {
			found = append(found, prefix.Masked().String())
		}
	}
	return found, len(found) > 0 || len(nets) == 0, nil
}

// everything is the net of every address.
func everything(family rules.Family) string {
	if family.Is6() {
		return "::/0"
	}
	return "0.0.0.0/0"
}

// splitNamed parts ports that are numbers or ranges from those that are names.
func splitNamed(values []intstr.IntOrString) (numbers, names []string) {
	for _, value := range values {
		if text := value.String(); strings.Trim(text, "0123456789:") == "" {
			numbers = append(numbers, text)
		} else {
			names = append(names, text)
		}
	}
	return numbers, names
}
