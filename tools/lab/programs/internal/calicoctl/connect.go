package calicoctl

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
)

// Version is the client's own version; the build may set it.
var Version = ""

// connect makes a client. A configuration file that is there rules alone; the environment
// counts only without it.
func connect(path string) (*datastore.Client, error) {
	var config datastore.Config
	_, err := os.Stat(path)
	switch {
	case err == nil:
		if config, err = datastore.ConfigFromFile(path); err != nil {
			return nil, err
		}
	case path != defaultConfig:
		return nil, fmt.Errorf("error reading config file: %s", path)
	default:
		config = datastore.ConfigFromEnvironment()
	}
	if config.DatastoreType == "kubernetes" && config.Kubeconfig == "" {
		return nil, errors.New("invalid configuration: no configuration has been provided, try setting KUBERNETES_MASTER environment variable")
	}
	return datastore.Connect(config)
}

// checkVersion refuses a client of another version than the cluster's. It is silent where
// there is no connection to be had: the command itself will tell.
func checkVersion(ctx context.Context, given arguments) error {
	if given.has("allow-version-mismatch") {
		return nil
	}
	client, err := connect(given.config())
	if err != nil {
		return nil
	}
	defer client.Close()
	information, err := clusterInformation(ctx, client)
	var missing datastore.NotFound
	if errors.As(err, &missing) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("unable to get Cluster Information to verify version mismatch: %w\nUse --allow-version-mismatch to override", err)
	}
	cluster := plainVersion(information.Spec.CalicoVersion)
	if cluster == "" || cluster == plainVersion(Version) {
		return nil
	}
	return fmt.Errorf("version mismatch.\nClient Version:   %s\nCluster Version:  %s\nUse --allow-version-mismatch to override", Version, cluster)
}

func plainVersion(version string) string {
	plain, _, _ := strings.Cut(strings.TrimPrefix(version, "v"), "-")
	return plain
}

func clusterInformation(ctx context.Context, client *datastore.Client) (*calico.ClusterInformation, error) {
	kind, _ := calico.KindNamed("ClusterInformation")
	stored, err := client.Get(ctx, kind, "", datastore.ClusterName)
	if err != nil {
		return nil, err
	}
	return stored.(*calico.ClusterInformation), nil
}
