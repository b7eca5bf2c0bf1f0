package datastore

import (
	"sort"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"calico-chatops/lab/internal/calico"
)

// DefaultAllow is the profile that every client of Calico makes up: it lies in no datastore.
const DefaultAllow = "projectcalico-default-allow"

func staticResource(kind calico.Kind, name string) (calico.Resource, bool) {
	if kind.Name != "Profile" || name != DefaultAllow {
		return nil, false
	}
	allow := []calico.Rule{{Action: "Allow"}}
	return &calico.Profile{
		TypeMeta:   metav1.TypeMeta{APIVersion: calico.APIVersion, Kind: kind.Name},
		ObjectMeta: metav1.ObjectMeta{Name: name, ResourceVersion: "1"},
		Spec:       calico.ProfileSpec{Ingress: allow, Egress: allow},
	}, true
}

func withStatic(kind calico.Kind, resources []calico.Resource) []calico.Resource {
	static, ok := staticResource(kind, DefaultAllow)
	if !ok {
		return resources
	}
	resources = append(resources, static)
	sort.SliceStable(resources, func(i, j int) bool { return resources[i].GetName() < resources[j].GetName() })
	return resources
}
