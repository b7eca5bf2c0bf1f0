// Package active works out what of the datastore is active on one node: its endpoints, the
// policies and profiles that apply to them, and the members of every IP set these need. It is
// pure, and works everything out anew each time, which is quick enough for a lab.
package active

import (
	"slices"
	"strings"

	"calico-chatops/lab/internal/calico"
)

// World is the resources of the datastore as Felix last saw them.
type World struct {
	resources map[string]calico.Resource
}

// NewWorld is a world of these resources.
func NewWorld(resources []calico.Resource) *World {
	world := &World{resources: make(map[string]calico.Resource)}
	for _, resource := range resources {
		world.Put(resource)
	}
	return world
}

// Put adds a resource or replaces it.
func (world *World) Put(resource calico.Resource) {
	world.resources[key(resource.GetObjectKind().GroupVersionKind().Kind, resource.GetNamespace(), resource.GetName())] = resource
}

// Delete removes a resource.
func (world *World) Delete(kind, namespace, name string) {
	delete(world.resources, key(kind, namespace, name))
}

func key(kind, namespace, name string) string { return kind + "/" + namespace + "/" + name }

// all are the resources of one type, sorted by namespace and name.
func all[T calico.Resource](world *World) []T {
	var found []T
	for _, resource := range world.resources {
		if one, ok := resource.(T); ok {
			found = append(found, one)
		}
	}
	slices.SortFunc(found, func(a, b T) int {
		return strings.Compare(a.GetNamespace()+"/"+a.GetName(), b.GetNamespace()+"/"+b.GetName())
	})
	return found
}

// ClusterInformation is the one object of its kind, nil when there is none.
func (world *World) ClusterInformation() *calico.ClusterInformation {
	information, _ := world.resources[key("ClusterInformation", "", "default")].(*calico.ClusterInformation)
	return information
}

// FelixConfiguration is the configuration of that name ("default" or "node.NAME"), nil when
// there is none.
func (world *World) FelixConfiguration(name string) *calico.FelixConfiguration {
	configuration, _ := world.resources[key("FelixConfiguration", "", name)].(*calico.FelixConfiguration)
	return configuration
}

// Node is a node by name, nil when there is none.
func (world *World) Node(name string) *calico.Node {
	node, _ := world.resources[key("Node", "", name)].(*calico.Node)
	return node
}
