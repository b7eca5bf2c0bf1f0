package kdd

import (
	"encoding/json"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/conversion"
)

// storedGroup is where the CRDs of Calico are.
const storedGroup = "crd.projectcalico.org"

// read is one object as Calico sees it. The identity is there also where the resource is not:
// a pod that has ended has no endpoint any more. Without a name there never was one.
type read struct {
	kind            calico.Kind
	namespace, name string
	resource        calico.Resource
}

// source is a kind of object of the Kubernetes API and what Calico makes of it.
type source struct {
	resource schema.GroupVersionResource
	convert  func(object *unstructured.Unstructured) (read, error)
}

// stored are the kinds that the API server keeps as Calico wrote them.
var stored = []string{
	"ClusterInformation", "FelixConfiguration", "GlobalNetworkPolicy", "GlobalNetworkSet", "HostEndpoint", "IPPool",
	"NetworkPolicy", "NetworkSet", "Tier",
}

func sources() []source {
	all := []source{
		{core("pods"), converted(func(pod *corev1.Pod) read {
			found := read{kind: named("WorkloadEndpoint"), namespace: pod.Namespace, name: conversion.EndpointName(pod)}
			if endpoint := conversion.Endpoint(pod); endpoint != nil && found.name != "" {
				found.resource = endpoint
			}
			return found
		})},
		{core("namespaces"), converted(func(namespace *corev1.Namespace) read {
			return profile(conversion.ProfileOfNamespace(namespace))
		})},
		{core("serviceaccounts"), converted(func(account *corev1.ServiceAccount) read {
			return profile(conversion.ProfileOfServiceAccount(account))
		})},
		{core("nodes"), converted(func(node *corev1.Node) read {
			return read{named("Node"), "", node.Name, conversion.Node(node)}
		})},
		{schema.GroupVersionResource{Group: "networking.k8s.io", Version: "v1", Resource: "networkpolicies"}, converted(kubernetesPolicy)},
		{schema.GroupVersionResource{Group: "policy.networking.k8s.io", Version: "v1alpha2", Resource: "clusternetworkpolicies"}, converted(clusterPolicy)},
	}
	for _, name := range stored {
		kind := named(name)
		resource := schema.GroupVersionResource{Group: storedGroup, Version: "v1", Resource: kind.Plural}
		all = append(all, source{resource, func(object *unstructured.Unstructured) (read, error) { return asStored(kind, object) }})
	}
	return all
}

func core(plural string) schema.GroupVersionResource {
	return schema.GroupVersionResource{Version: "v1", Resource: plural}
}

func named(name string) calico.Kind {
	kind, known := calico.KindNamed(name)
	if !known {
		panic("no kind " + name)
	}
	return kind
}

func converted[Object any](convert func(*Object) read) func(*unstructured.Unstructured) (read, error) {
	return func(object *unstructured.Unstructured) (read, error) {
		typed := new(Object)
		if err := runtime.DefaultUnstructuredConverter.FromUnstructured(object.Object, typed); err != nil {
			return read{}, err
		}
		return convert(typed), nil
	}
}

func profile(name string, spec calico.ProfileSpec) read {
	kind := named("Profile")
	resource := kind.Empty().(*calico.Profile)
	resource.Name, resource.Spec = name, spec
	return read{kind, "", name, resource}
}

// kubernetesPolicy keeps its own name and kind, by which chains are called after it.
func kubernetesPolicy(policy *networkingv1.NetworkPolicy) read {
	kind := calico.Kind{Name: "KubernetesNetworkPolicy", Namespaced: true}
	found := read{kind: kind, namespace: policy.Namespace, name: policy.Name}
	// A rule that cannot be expressed is left out, as Felix leaves it out.
	spec, _ := conversion.Policy(policy)
	found.resource = &calico.NetworkPolicy{
		TypeMeta:   metav1.TypeMeta{APIVersion: calico.APIVersion, Kind: kind.Name},
		ObjectMeta: metav1.ObjectMeta{Name: policy.Name, Namespace: policy.Namespace},
		Spec:       spec,
	}
	return found
}

// clusterPolicy keeps its own name and a kind, by which chains are called after it.
func clusterPolicy(policy *conversion.ClusterPolicy) read {
	kind := calico.Kind{Name: "KubernetesClusterNetworkPolicy"}
	found := read{kind: kind, name: policy.Name}
	if spec := conversion.PolicyOfCluster(policy); spec != nil {
		found.resource = &calico.GlobalNetworkPolicy{
			TypeMeta:   metav1.TypeMeta{APIVersion: calico.APIVersion, Kind: kind.Name},
			ObjectMeta: metav1.ObjectMeta{Name: policy.Name},
			Spec:       *spec,
		}
	}
	return found
}

func asStored(kind calico.Kind, object *unstructured.Unstructured) (read, error) {
	resource := kind.Empty()
	text, err := json.Marshal(object.Object)
	if err == nil {
		err = json.Unmarshal(text, resource)
	}
	if err != nil {
		return read{}, fmt.Errorf("%s %s: %w", kind.Name, object.GetName(), err)
	}
	resource.GetObjectKind().SetGroupVersionKind(kind.Empty().GetObjectKind().GroupVersionKind())
	return read{kind, object.GetNamespace(), object.GetName(), resource}, nil
}
