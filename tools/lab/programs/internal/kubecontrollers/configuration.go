package kubecontrollers

import (
	"context"
	"errors"
	"reflect"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
)

// recordConfiguration writes the configuration object's status, and the object itself when
// there is none.
func recordConfiguration(ctx context.Context, store *datastore.Client, read settings) error {
	kind, _ := calico.KindNamed("KubeControllersConfiguration")
	status := calico.KubeControllersConfigurationStatus{RunningConfig: read.running(), EnvironmentVars: read.given}
	stored, err := store.Get(ctx, kind, "", datastore.ClusterName)
	var missing datastore.NotFound
	if errors.As(err, &missing) {
		made := kind.Empty().(*calico.KubeControllersConfiguration)
		made.Name, made.Spec, made.Status = datastore.ClusterName, initialSpec(), status
		return store.Create(ctx, kind, made)
	}
	if err != nil {
		return err
	}
	configuration := stored.(*calico.KubeControllersConfiguration)
	if reflect.DeepEqual(configuration.Status, status) {
		return nil
	}
	configuration.Status = status
	return store.Update(ctx, kind, configuration)
}
