package calicoctl

import (
	"context"
	"fmt"
)

func version(ctx context.Context, given arguments, streams Streams) error {
	fmt.Fprintln(streams.Out, "Client Version:   ", Version)
	fmt.Fprintln(streams.Out, "Git commit:       ", "")
	if given.has("client") {
		return nil
	}
	client, err := connect(given.config())
	if err != nil {
		return err
	}
	defer client.Close()
	information, err := clusterInformation(ctx, client)
	if err != nil {
		return fmt.Errorf("unable to retrieve Cluster Version or Type: %w", err)
	}
	fmt.Fprintln(streams.Out, "Cluster Version:  ", first(information.Spec.CalicoVersion, "unknown"))
	fmt.Fprintln(streams.Out, "Cluster Type:     ", first(information.Spec.ClusterType, "unknown"))
	return nil
}
