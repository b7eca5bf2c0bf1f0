package policycontroller

import (
	"context"
	"encoding/json"
	"errors"

	corev1 "k8s.io/api/core/v1"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
)

const isolationAnnotation = "net.beta.kubernetes.io/network-policy"

// handle writes the profile of a namespace, or takes it away. Policies and pods' labels it leaves alone.
func (one *controller) handle(ctx context.Context, event, kind string, object corev1.Namespace) {
	if kind != "Namespace" {
		return
	}
	stored, _ := calico.KindNamed("Profile")
	profile := stored.Empty().(*calico.Profile)
	profile.Name, profile.Spec = "k8s_ns."+object.Name, profileOf(object)
	var err error
	if event == "DELETED" {
		err = one.store.Delete(ctx, stored, "", profile.Name, "")
		var missing datastore.NotFound
		if errors.As(err, &missing) {
			one.log.info("Unable to find profile for namespace '%s'", object.Name)
			return
		}
	} else {
		err = one.store.Create(ctx, stored, profile)
		var exists datastore.AlreadyExists
		if errors.As(err, &exists) {
			profile.SetResourceVersion("")
			err = one.store.Update(ctx, stored, profile)
		}
	}
	if err != nil {
		one.log.line("ERROR", "Failed to write the profile of namespace %s: %v", object.Name, err)
		return
	}
	one.log.info("Handled %s for %s: (None, u'%s')", event, kind, object.Name)
}

// profileOf allows everything, but in a namespace that isolates its pods: there an annotation denies
// what comes to them.
func profileOf(namespace corev1.Namespace) calico.ProfileSpec {
	labels := map[string]string{}
	for name, value := range namespace.Labels {
		labels["k8s_ns/label/"+name] = value
	}
	var isolation struct {
		Ingress struct {
			Isolation string `json:"isolation"`
		} `json:"ingress"`
	}
	_ = json.Unmarshal([]byte(namespace.Annotations[isolationAnnotation]), &isolation)
	ingress := "Allow"
	if isolation.Ingress.Isolation == "DefaultDeny" {
		ingress = "Deny"
	}
	return calico.ProfileSpec{Ingress: []calico.Rule{{Action: ingress}}, Egress: []calico.Rule{{Action: "Allow"}}, LabelsToApply: labels}
}
