package policycontroller

import (
	"testing"

	corev1 "k8s.io/api/core/v1"
)

func TestProfiles(t *testing.T) {
	for _, one := range []struct{ annotation, ingress string }{
		{"", "Allow"},
		{`{"ingress":{"isolation":"DefaultDeny"}}`, "Deny"},
		{`{"ingress":{}}`, "Allow"},
		{"not JSON", "Allow"},
	} {
		namespace := corev1.Namespace{}
		namespace.Labels = map[string]string{"team": "shop"}
		namespace.Annotations = map[string]string{isolationAnnotation: one.annotation}
		profile := profileOf(namespace)
		if profile.Ingress[0].Action != one.ingress || profile.Egress[0].Action != "Allow" {
			t.Errorf("%s: %+v", one.annotation, profile)
		}
		if profile.LabelsToApply["k8s_ns/label/team"] != "shop" {
			t.Errorf("labels: %v", profile.LabelsToApply)
		}
	}
}
