package datastore

import (
	"fmt"

	"calico-chatops/lab/internal/calico"
)

// NotFound says that a resource is not in the datastore, in Calico's words.
type NotFound struct {
	Kind            calico.Kind
	Namespace, Name string
}

func (err NotFound) Error() string {
	return "resource does not exist: " + describe(err.Kind, err.Namespace, err.Name) + " with error: <nil>"
}

// AlreadyExists says that a resource to be created is there, in Calico's words.
type AlreadyExists struct {
	Kind            calico.Kind
	Namespace, Name string
}

func (err AlreadyExists) Error() string {
	return "resource already exists: " + describe(err.Kind, err.Namespace, err.Name) + " with error: <nil>"
}

// Conflict says that a resource changed since the version that the caller named.
type Conflict struct {
	Kind            calico.Kind
	Namespace, Name string
}

func (err Conflict) Error() string {
	return "update conflict: " + describe(err.Kind, err.Namespace, err.Name)
}

func describe(kind calico.Kind, namespace, name string) string {
	if kind.Namespaced {
		return fmt.Sprintf("%s(%s/%s)", kind.Name, namespace, name)
	}
	return fmt.Sprintf("%s(%s)", kind.Name, name)
}
