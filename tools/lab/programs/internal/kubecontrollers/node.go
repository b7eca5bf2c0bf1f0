package kubecontrollers

import (
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"strings"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
)

const (
	nodePlace = "labels.go 131"
	// kubernetesLabels is an annotation with those labels of a node, as JSON, that came from
	// Kubernetes: only they are taken away again when Kubernetes has them no more.
	kubernetesLabels = "projectcalico.org/kube-labels"
)

// mirrorNodes gives Calico's nodes the labels of the Kubernetes nodes that they stand for, by
// the name of the latter. A node that Kubernetes deletes is deleted.
func mirrorNodes(log *logger, store *datastore.Client, syncLabels bool) *mirror[map[string]string] {
	kind, _ := calico.KindNamed("Node")
	find := func(ctx context.Context) (map[string]*calico.Node, error) {
		resources, _, err := store.List(ctx, kind, "")
		found := map[string]*calico.Node{}
		for _, resource := range resources {
			node := resource.(*calico.Node)
			for _, reference := range node.Spec.OrchRefs {
				if reference.Orchestrator == "k8s" {
					found[reference.NodeName] = node
				}
			}
		}
		return found, err
	}
	nodes := &mirror[map[string]string]{log: log, noun: "Node", place: nodePlace, onlyChanges: true}
	nodes.same = func(wanted, stored map[string]string) bool {
		return !syncLabels || len(wanted) == 0 && len(stored) == 0 || reflect.DeepEqual(wanted, stored)
	}
	nodes.list = func(ctx context.Context) (map[string]map[string]string, error) {
		found, err := find(ctx)
		stored := map[string]map[string]string{}
		for name, node := range found {
			stored[name] = labelsFromKubernetes(node)
		}
		return stored, err
	}
	nodes.write = func(ctx context.Context, name string, wanted map[string]string) error {
		found, err := find(ctx)
		node := found[name]
		if err != nil || node == nil || nodes.same(wanted, labelsFromKubernetes(node)) {
			return err
		}
		if err := relabel(node, wanted); err != nil {
			return err
		}
		log.info(nodePlace, "Successfully synced node labels", fields{"node": name})
		return store.Update(ctx, kind, node)
	}
	nodes.remove = func(ctx context.Context, name string) error {
		found, err := find(ctx)
		if err != nil || found[name] == nil {
			return err
		}
		log.info("ipam.go 712", "Deleting Calico node of a Kubernetes node that is gone", fields{"calicoNode": found[name].Name})
		return forget(ctx, store, kind, "", found[name].Name)
	}
	return nodes.initialize()
}

func labelsFromKubernetes(node *calico.Node) map[string]string {
	labels := map[string]string{}
	_ = json.NewDecoder(strings.NewReader(node.Annotations[kubernetesLabels])).Decode(&labels) // absent or spoilt: none
	return labels
}

func relabel(node *calico.Node, wanted map[string]string) error {
	labels := maps.Clone(node.Labels)
	if labels == nil {
		labels = map[string]string{}
	}
	for name := range labelsFromKubernetes(node) {
		delete(labels, name)
	}
	maps.Copy(labels, wanted)
	encoded, err := json.Marshal(wanted)
	if err != nil {
		return err
	}
	node.Labels = labels
	if node.Annotations == nil {
		node.Annotations = map[string]string{}
	}
	node.Annotations[kubernetesLabels] = string(encoded)
	return nil
}
