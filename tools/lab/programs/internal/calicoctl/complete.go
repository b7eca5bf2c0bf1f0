package calicoctl

import (
	"context"
	"fmt"
	"net/netip"
	"strings"

	"k8s.io/apimachinery/pkg/util/intstr"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
)

// complete checks a resource before it is written and fills in the defaults that Calico's
// clients write out.
func complete(ctx context.Context, client *datastore.Client, resource calico.Resource) error {
	if resource.GetName() == "" {
		return fmt.Errorf("error with field Metadata.Name = '' (field must be set for a Create request)")
	}
	switch typed := resource.(type) {
	case *calico.IPPool:
		return completePool(&typed.Spec)
	case *calico.Tier:
		completeTier(&typed.Spec)
		return nil
	case *calico.Profile:
		return completeRules(typed.Spec.Ingress, typed.Spec.Egress)
	case *calico.NetworkPolicy:
		if err := completePolicy(typed, &typed.Spec.Tier, &typed.Spec.Types, typed.Spec.Ingress, typed.Spec.Egress); err != nil {
			return err
		}
		if err := tierExists(ctx, client, typed.Spec.Tier); err != nil {
			return err
		}
		return completeRules(typed.Spec.Ingress, typed.Spec.Egress)
	case *calico.GlobalNetworkPolicy:
		if err := completePolicy(typed, &typed.Spec.Tier, &typed.Spec.Types, typed.Spec.Ingress, typed.Spec.Egress); err != nil {
			return err
		}
		if err := tierExists(ctx, client, typed.Spec.Tier); err != nil {
			return err
		}
		return completeRules(typed.Spec.Ingress, typed.Spec.Egress)
	}
	return nil
}

func tierExists(ctx context.Context, client *datastore.Client, name string) error {
	kind, _ := calico.KindNamed("Tier")
	_, err := client.Get(ctx, kind, "", name)
	return err
}

// completeTier writes out what a tier leaves to be understood, on writing and in lists: its place
// beside the default one, and that it denies at its end.
func completeTier(tier *calico.TierSpec) {
	if tier.Order == nil {
		order := float64(1_000_000)
		tier.Order = &order
	}
	if tier.DefaultAction == "" {
		tier.DefaultAction = "Deny"
	}
}

func completePool(pool *calico.IPPoolSpec) error {
	prefix, err := netip.ParsePrefix(pool.CIDR)
	if err != nil || prefix.Masked() != prefix {
		return fmt.Errorf("error with field IPPool.Spec.CIDR = '%s' (IPPool CIDR must be a valid subnet)", pool.CIDR)
	}
	if pool.BlockSize == 0 {
		pool.BlockSize = 26
		if prefix.Addr().Is6() {
			pool.BlockSize = 122
		}
	}
	for field, ifAbsent := range map[*string]string{&pool.NodeSelector: "all()", &pool.AssignmentMode: "Automatic", &pool.IPIPMode: "Never", &pool.VXLANMode: "Never"} {
		if *field == "" {
			*field = ifAbsent
		}
	}
	if len(pool.AllowedUses) == 0 {
		pool.AllowedUses = []string{"Workload", "Tunnel"}
	}
	if pool.IPIPMode != "Never" && pool.VXLANMode != "Never" {
		return fmt.Errorf("error with field IPPool.Spec.VXLANMode = '%s' (IPPool cannot have both IPIP and VXLAN modes set)", pool.VXLANMode)
	}
	return nil
}

var actions = map[string]bool{"Allow": true, "Deny": true, "Log": true, "Pass": true}

var protocols = []string{"TCP", "UDP", "ICMP", "ICMPv6", "SCTP", "UDPLite"}

// completeRules refuses unknown actions and writes protocols and ports the way Calico stores
// them: names in their usual case, numbers as numbers.
func completeRules(directions ...[]calico.Rule) error {
	for _, rules := range directions {
		for i := range rules {
			rule := &rules[i]
			if !actions[rule.Action] {
				return fmt.Errorf("error with field Action = '%s' (rule action is one of Allow, Deny, Log, Pass)", rule.Action)
			}
			for _, protocol := range []*intstr.IntOrString{rule.Protocol, rule.NotProtocol} {
				if protocol != nil && protocol.Type == intstr.String {
					*protocol = storedProtocol(protocol.StrVal)
				}
			}
			for _, ports := range [][]intstr.IntOrString{rule.Source.Ports, rule.Source.NotPorts, rule.Destination.Ports, rule.Destination.NotPorts} {
				for j := range ports {
					if ports[j].Type == intstr.String {
						ports[j] = intstr.Parse(ports[j].StrVal)
					}
				}
			}
		}
	}
	return nil
}

func storedProtocol(text string) intstr.IntOrString {
	for _, name := range protocols {
		if strings.EqualFold(name, text) {
			return intstr.FromString(name)
		}
	}
	return intstr.Parse(text)
}
