package calicoctl

import (
	"errors"
	"fmt"

	"calico-chatops/lab/internal/calico"
)

// settleNamespace gives a resource the namespace that it and the command line agree on:
// "default" without either, and "" (all) for a list over all namespaces.
func settleNamespace(kind calico.Kind, resource calico.Resource, given arguments) error {
	all, asked, own := given.has("all-namespaces"), given.options["namespace"], resource.GetNamespace()
	if !kind.Namespaced {
		switch {
		case own != "":
			return fmt.Errorf("namespace should not be specified for a non-namespaced resource. %s is not a namespaced resource", kind.Name)
		case all || asked != "":
			return fmt.Errorf("%s is not namespaced", kind.Name)
		}
		return nil
	}
	switch {
	case all && asked != "":
		return errors.New("cannot use both --namespace and --all-namespaces flags at the same time")
	case all:
		resource.SetNamespace("")
	case own == "" && asked != "":
		resource.SetNamespace(asked)
	case own == "":
		resource.SetNamespace("default")
	case asked != "" && own != asked:
		return fmt.Errorf("resource namespace does not match client namespace. %s != %s", own, asked)
	}
	return nil
}
