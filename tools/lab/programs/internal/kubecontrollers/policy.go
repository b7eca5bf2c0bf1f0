package kubecontrollers

import (
	"context"
	"reflect"
	"strings"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/conversion"
	"calico-chatops/lab/internal/datastore"
)

const policyPlace = "policy_controller.go 253"

// mirrorPolicies keeps the policies that stand for Kubernetes ones, by "namespace/name".
func mirrorPolicies(log *logger, store *datastore.Client) *mirror[calico.NetworkPolicySpec] {
	kind, _ := calico.KindNamed("NetworkPolicy")
	policies := &mirror[calico.NetworkPolicySpec]{log: log, kindShown: shownType("v3.NetworkPolicy"), noun: "Policy", place: policyPlace}
	policies.same = func(wanted, stored calico.NetworkPolicySpec) bool { return reflect.DeepEqual(wanted, stored) }
	policies.list = func(ctx context.Context) (map[string]calico.NetworkPolicySpec, error) {
		resources, _, err := store.List(ctx, kind, "")
		stored := map[string]calico.NetworkPolicySpec{}
		for _, resource := range resources {
			if strings.HasPrefix(resource.GetName(), conversion.PolicyPrefix) {
				stored[resource.GetNamespace()+"/"+resource.GetName()] = resource.(*calico.NetworkPolicy).Spec
			}
		}
		return stored, err
	}
	policies.write = func(ctx context.Context, key string, wanted calico.NetworkPolicySpec) error {
		policy := kind.Empty().(*calico.NetworkPolicy)
		policy.Namespace, policy.Name, _ = strings.Cut(key, "/")
		policy.Spec = wanted
		log.info("policy_controller.go 236", "Create/Update NetworkPolicy in Calico datastore", fields{"key": key})
		created, err := put(ctx, store, kind, policy)
		if err != nil {
			return err
		}
		message := "Successfully updated network policy"
		if created {
			message = "Successfully created network policy"
		}
		log.info(policyPlace, message, fields{"key": key})
		return nil
	}
	policies.remove = func(ctx context.Context, key string) error {
		log.info("policy_controller.go 226", "Deleting NetworkPolicy from Calico datastore", fields{"key": key})
		namespace, name, _ := strings.Cut(key, "/")
		return forget(ctx, store, kind, namespace, name)
	}
	return policies.initialize()
}

// shownType is a type's name in the log, which is not quoted there.
type shownType string
