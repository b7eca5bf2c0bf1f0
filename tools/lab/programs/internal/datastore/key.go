package datastore

import (
	"strings"

	"calico-chatops/lab/internal/calico"
)

// Prefix is where all resources lie; below it the plural, the namespace if any, and the name.
const Prefix = "/calico/resources/v3/projectcalico.org/"

// Key is where a resource lies. The namespace counts only for namespaced kinds.
func Key(kind calico.Kind, namespace, name string) string {
	if kind.Namespaced {
		return Prefix + kind.Plural + "/" + namespace + "/" + name
	}
	return Prefix + kind.Plural + "/" + name
}

// listPrefix is below which a kind's resources lie, of one namespace or (empty) of all.
func listPrefix(kind calico.Kind, namespace string) string {
	if kind.Namespaced && namespace != "" {
		return Prefix + kind.Plural + "/" + namespace + "/"
	}
	return Prefix + kind.Plural + "/"
}

// ParseKey takes a key apart. It fails for keys of kinds that the lab does not know.
func ParseKey(key string) (kind calico.Kind, namespace, name string, ok bool) {
	rest, ok := strings.CutPrefix(key, Prefix)
	if !ok {
		return calico.Kind{}, "", "", false
	}
	parts := strings.Split(rest, "/")
	for _, kind := range calico.Kinds {
		switch {
		case kind.Plural != parts[0]:
		case kind.Namespaced && len(parts) == 3:
			return kind, parts[1], parts[2], true
		case !kind.Namespaced && len(parts) == 2:
			return kind, "", parts[1], true
		}
	}
	return calico.Kind{}, "", "", false
}
