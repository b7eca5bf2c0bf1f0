package active

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/felix/rules"
	"calico-chatops/lab/internal/felix/selector"
)

// policy is a policy of either kind in one shape.
type policy struct {
	id              rules.PolicyID
	tier            string
	order           float64
	selectorText    string
	selector        selector.Selector
	ingress, egress []calico.Rule
	onIngress       bool
	onEgress        bool
}

// policies are all that can be rendered, in the order in which they are looked at in a tier.
func (world *World) policies(complain func(format string, arguments ...any)) []policy {
	var found []policy
	add := func(one policy, types []string, err error) {
		if err != nil {
			complain("%s %s left out: %v", one.id.Kind, one.id.Name, err)
			return
		}
		if one.selector, err = selector.Parse(one.selectorText); err != nil {
			complain("%s %s left out: %v", one.id.Kind, one.id.Name, err)
			return
		}
		one.onIngress = slices.Contains(types, "Ingress") || len(types) == 0 && (len(one.ingress) > 0 || len(one.egress) == 0)
		one.onEgress = slices.Contains(types, "Egress") || len(types) == 0 && len(one.egress) > 0
		if one.tier == "" {
			one.tier = "default"
		}
		found = append(found, one)
	}
	for _, source := range all[*calico.NetworkPolicy](world) {
		spec := source.Spec
		text := fmt.Sprintf("%s == '%s'", namespaceLabel, source.Namespace)
		if spec.Selector != "" {
			text = fmt.Sprintf("(%s) && %s", spec.Selector, text)
		}
		text, err := appendSelector(text, spec.ServiceAccountSelector, serviceAccountPrefix)
		add(policy{
			id:   rules.PolicyID{Kind: source.Kind, Namespace: source.Namespace, Name: source.Name},
			tier: spec.Tier, order: orderOf(spec.Order), selectorText: text, ingress: spec.Ingress, egress: spec.Egress,
		}, spec.Types, err)
	}
	for _, source := range all[*calico.GlobalNetworkPolicy](world) {
		one, err := globalPolicy(source)
		add(one, source.Spec.Types, err)
	}
	slices.SortStableFunc(found, func(a, b policy) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.id.Name, b.id.Name), cmp.Compare(a.id.Namespace, b.id.Namespace))
	})
	return found
}

func globalPolicy(source *calico.GlobalNetworkPolicy) (policy, error) {
	spec := source.Spec
	one := policy{
		id:   rules.PolicyID{Kind: source.Kind, Name: source.Name},
		tier: spec.Tier, order: orderOf(spec.Order), ingress: spec.Ingress, egress: spec.Egress,
	}
	if spec.DoNotTrack || spec.PreDNAT {
		return one, fmt.Errorf("doNotTrack and preDNAT: not yet")
	}
	text, err := appendSelector(spec.Selector, spec.ServiceAccountSelector, serviceAccountPrefix)
	if err == nil && spec.NamespaceSelector != "" {
		var namespaces string
		namespaces, err = namespaceSelector(spec.NamespaceSelector)
		text = joinSelectors(text, namespaces)
	}
	one.selectorText = text
	return one, err
}

func appendSelector(text, further, prefix string) (string, error) {
	if further == "" {
		return text, nil
	}
	prefixed, err := prefixedSelector(further, prefix)
	return joinSelectors(text, prefixed), err
}

func joinSelectors(text, further string) string {
	if text == "" {
		return further
	}
	return fmt.Sprintf("(%s) && %s", text, further)
}

func orderOf(order *float64) float64 {
	if order == nil {
		return math.Inf(1)
	}
	return *order
}

// builtInTiers are there in every cluster, whether or not the datastore holds them yet.
var builtInTiers = []rankedTier{
	{name: "kube-admin", order: 1000, passAtEnd: true},
	{name: "default", order: 1_000_000},
	{name: "kube-baseline", order: 10_000_000, passAtEnd: true},
}

type rankedTier struct {
	name      string
	order     float64
	passAtEnd bool
}

func (world *World) tiers() []rankedTier {
	tiers := slices.Clone(builtInTiers)
	for _, source := range all[*calico.Tier](world) {
		tiers = slices.DeleteFunc(tiers, func(tier rankedTier) bool { return tier.name == source.Name })
		tiers = append(tiers, rankedTier{source.Name, orderOf(source.Spec.Order), source.Spec.DefaultAction == "Pass"})
	}
	slices.SortFunc(tiers, func(a, b rankedTier) int {
		return cmp.Or(cmp.Compare(a.order, b.order), cmp.Compare(a.name, b.name))
	})
	return tiers
}
