package typha

import (
	"encoding/json"
	"fmt"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
)

// message is one line from Typha to a client: a resource as it is now or, without one, that it is gone; or that all
// that there is was sent.
type message struct {
	Kind      string          `json:"kind,omitempty"`
	Namespace string          `json:"namespace,omitempty"`
	Name      string          `json:"name,omitempty"`
	Resource  json.RawMessage `json:"resource,omitempty"`
	InSync    bool            `json:"inSync,omitempty"`
}

func messageOf(resource calico.Resource) (message, error) {
	encoded, err := json.Marshal(resource)
	kind := resource.GetObjectKind().GroupVersionKind().Kind
	return message{Kind: kind, Namespace: resource.GetNamespace(), Name: resource.GetName(), Resource: encoded}, err
}

func (one message) key() string { return one.Kind + "/" + one.Namespace + "/" + one.Name }

// event is what a client makes of a message about a resource.
func (one message) event() (datastore.Event, error) {
	// Policies of Kubernetes keep their own kind, in the shape of Calico's.
	shape := one.Kind
	if shape == "KubernetesNetworkPolicy" {
		shape = "NetworkPolicy"
	}
	kind, known := calico.KindNamed(shape)
	if !known {
		return datastore.Event{}, fmt.Errorf("Typha sent a %s, which nobody knows", one.Kind)
	}
	found := datastore.Event{Kind: kind, Namespace: one.Namespace, Name: one.Name}
	found.Kind.Name = one.Kind
	if len(one.Resource) == 0 {
		return found, nil
	}
	resource := kind.New()
	if err := json.Unmarshal(one.Resource, resource); err != nil {
		return datastore.Event{}, err
	}
	found.Resource = resource
	return found, nil
}
