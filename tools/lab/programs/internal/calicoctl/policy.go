package calicoctl

import (
	"fmt"
	"strings"

	"calico-chatops/lab/internal/calico"
)

const tierLabel = "projectcalico.org/tier"

// kubernetesPolicy begins the names of policies that kube-controllers makes; only it may write
// them.
const kubernetesPolicy = "knp.default."

// shown is a resource as it is printed: a policy always shows its tier.
func shown(resource calico.Resource) calico.Resource {
	switch policy := resource.(type) {
	case *calico.NetworkPolicy:
		policy.Spec.Tier = showTier(policy, policy.Spec.Tier)
	case *calico.GlobalNetworkPolicy:
		policy.Spec.Tier = showTier(policy, policy.Spec.Tier)
	}
	return resource
}

func showTier(policy calico.Resource, tier string) string {
	if tier == "" {
		tier = "default"
	}
	if policy.GetLabels()[tierLabel] == "" {
		setLabel(policy, tierLabel, tier)
	}
	return tier
}

func setLabel(resource calico.Resource, name, value string) {
	labels := map[string]string{name: value}
	for other, kept := range resource.GetLabels() {
		if other != name {
			labels[other] = kept
		}
	}
	resource.SetLabels(labels)
}

// completePolicy writes out what a policy leaves to be understood: its tier, and the
// directions that it is about.
func completePolicy(policy calico.Resource, tier *string, types *[]string, ingress, egress []calico.Rule) error {
	if *tier == "" {
		*tier = "default"
	}
	if *tier != "default" && !strings.HasPrefix(policy.GetName(), *tier+".") {
		return fmt.Errorf("error with field metadata.name = '%s' (name must begin with '%s.', the tier's name)", policy.GetName(), *tier)
	}
	setLabel(policy, tierLabel, *tier)
	if len(*types) == 0 {
		if len(egress) == 0 || len(ingress) > 0 {
			*types = append(*types, "Ingress")
		}
		if len(egress) > 0 {
			*types = append(*types, "Egress")
		}
	}
	return nil
}
