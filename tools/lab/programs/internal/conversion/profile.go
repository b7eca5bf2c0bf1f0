package conversion

import (
	corev1 "k8s.io/api/core/v1"

	"calico-chatops/lab/internal/calico"
)

// Prefixes of the names of profiles.
const (
	NamespaceProfile      = "kns."
	ServiceAccountProfile = "ksa."
)

// ProfileOfNamespace allows everything and gives the namespace's labels to its endpoints.
func ProfileOfNamespace(namespace *corev1.Namespace) (string, calico.ProfileSpec) {
	labels := map[string]string{"pcns.projectcalico.org/name": namespace.Name}
	for name, value := range namespace.Labels {
		labels["pcns."+name] = value
	}
	allow := []calico.Rule{{Action: "Allow"}}
	return NamespaceProfile + namespace.Name, calico.ProfileSpec{Ingress: allow, Egress: allow, LabelsToApply: labels}
}

// ProfileOfServiceAccount has no rules: it only gives the account's labels to its endpoints.
func ProfileOfServiceAccount(account *corev1.ServiceAccount) (string, calico.ProfileSpec) {
	labels := map[string]string{"pcsa.projectcalico.org/name": account.Name}
	for name, value := range account.Labels {
		labels["pcsa."+name] = value
	}
	return ServiceAccountProfile + account.Namespace + "." + account.Name, calico.ProfileSpec{LabelsToApply: labels}
}
