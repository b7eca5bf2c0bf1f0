package kubecontrollers

import (
	"context"
	"reflect"

	corev1 "k8s.io/api/core/v1"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/conversion"
	"calico-chatops/lab/internal/datastore"
)

const endpointPlace = "pod_controller.go 309"

// endpointData is what of an endpoint follows the pod; the CNI plugin writes all the rest.
type endpointData struct {
	labels         map[string]string
	serviceAccount string
	profiles       []string
}

// endpointOfPod is what the pod's endpoint should have.
func endpointOfPod(pod *corev1.Pod) endpointData {
	return endpointData{
		labels:         conversion.EndpointLabels(pod),
		serviceAccount: pod.Spec.ServiceAccountName,
		profiles:       conversion.EndpointProfiles(pod),
	}
}

func dataOfEndpoint(endpoint *calico.WorkloadEndpoint) endpointData {
	return endpointData{labels: endpoint.Labels, serviceAccount: endpoint.Spec.ServiceAccountName, profiles: endpoint.Spec.Profiles}
}

// mirrorEndpoints keeps labels, account and profiles of the endpoints that are there, by the
// pod's "namespace/name".
func mirrorEndpoints(log *logger, store *datastore.Client) *mirror[endpointData] {
	kind, _ := calico.KindNamed("WorkloadEndpoint")
	find := func(ctx context.Context) (map[string]*calico.WorkloadEndpoint, error) {
		resources, _, err := store.List(ctx, kind, "")
		found := map[string]*calico.WorkloadEndpoint{}
		for _, resource := range resources {
			if endpoint := resource.(*calico.WorkloadEndpoint); endpoint.Spec.Orchestrator == "k8s" {
				found[endpoint.Namespace+"/"+endpoint.Spec.Pod] = endpoint
			}
		}
		return found, err
	}
	endpoints := &mirror[endpointData]{log: log, kindShown: shownType("converter.WorkloadEndpointData"), noun: "pod", place: endpointPlace, onlyChanges: true}
	endpoints.same = func(wanted, stored endpointData) bool { return reflect.DeepEqual(wanted, stored) }
	endpoints.list = func(ctx context.Context) (map[string]endpointData, error) {
		found, err := find(ctx)
		stored := map[string]endpointData{}
		for key, endpoint := range found {
			stored[key] = dataOfEndpoint(endpoint)
		}
		return stored, err
	}
	endpoints.write = func(ctx context.Context, key string, wanted endpointData) error {
		found, err := find(ctx)
		if err != nil {
			return err
		}
		endpoint, ok := found[key]
		if !ok {
			log.info(endpointPlace, "Pod hasn't been created by the CNI plugin yet.", fields{"wep": key})
			return nil
		}
		if endpoints.same(wanted, dataOfEndpoint(endpoint)) {
			return nil
		}
		log.info(endpointPlace, "Writing endpoint "+key+" with updated data to Calico datastore", nil)
		endpoint.Labels, endpoint.Spec.ServiceAccountName, endpoint.Spec.Profiles = wanted.labels, wanted.serviceAccount, wanted.profiles
		return store.Update(ctx, kind, endpoint)
	}
	endpoints.remove = func(context.Context, string) error { return nil }
	return endpoints.initialize()
}
