package calicoctl

import (
	"context"
	"fmt"

	"calico-chatops/lab/internal/calico"
)

// lock makes the datastore not ready (or ready again): components then wait.
func lock(ctx context.Context, given arguments, streams Streams, ready bool) error {
	if err := checkVersion(ctx, given); err != nil {
		return err
	}
	client, err := connect(given.config())
	if err != nil {
		return err
	}
	defer client.Close()
	if err := client.EnsureInitialized(ctx, ""); err != nil {
		return fmt.Errorf("unable to initialize cluster information for the datastore migration: %w", err)
	}
	information, err := clusterInformation(ctx, client)
	if err != nil {
		return fmt.Errorf("error retrieving ClusterInformation for locking: %w", err)
	}
	information.Spec.DatastoreReady = &ready
	kind, _ := calico.KindNamed("ClusterInformation")
	if err := client.Update(ctx, kind, information); err != nil {
		return fmt.Errorf("error updating ClusterInformation for locking: %w", err)
	}
	word := "locked"
	if ready {
		word = "unlocked"
	}
	fmt.Fprintf(streams.Out, "Datastore %s.\n", word)
	return nil
}
