// Package calico holds the v3 resources of Calico that the lab's programs read and write, in
// the shape in which they lie in the datastore and in which calicoctl prints them.
package calico

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

// APIVersion is the one API version of every resource here.
const APIVersion = "projectcalico.org/v3"

var groupVersion = schema.GroupVersion{Group: "projectcalico.org", Version: "v3"}

// Resource is what every kind has in common: its kind and its metadata.
type Resource interface {
	metav1.Object
	GetObjectKind() schema.ObjectKind
}

// Typed is a resource with a specification S and no status. Its resource version is the etcd
// revision that last changed it; it is never part of the stored value.
type Typed[S any] struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              S `json:"spec,omitempty"`
}

// WithStatus is a resource whose kind always shows a status beside the specification.
type WithStatus[S, T any] struct {
	metav1.TypeMeta   `json:",inline"`
	metav1.ObjectMeta `json:"metadata,omitempty"`
	Spec              S `json:"spec,omitempty"`
	Status            T `json:"status,omitempty"`
}
