package daemon

import (
	"context"
	"errors"
	"time"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
	"calico-chatops/lab/internal/felix/active"
	"calico-chatops/lab/internal/felix/felixlog"
	"calico-chatops/lab/internal/felix/health"
	"calico-chatops/lab/internal/kdd"
)

const (
	// readLimit is how long one reading of the datastore may take.
	readLimit = 10 * time.Second
	// pingInterval is how often the connection is looked at while nothing changes.
	pingInterval = 5 * time.Second
)

var listRoot = felixlog.Field{Key: "ListRoot", Value: datastore.Prefix}

// store is the datastore: etcd, or the Kubernetes API.
type store interface {
	Snapshot(ctx context.Context) ([]calico.Resource, int64, error)
	Watch(ctx context.Context, revision int64) <-chan datastore.Event
	Revision(ctx context.Context) (int64, error)
	Close() error
}

func connect() (store, error) {
	config := datastore.ConfigFromEnvironment()
	if config.DatastoreType == "kubernetes" {
		return kdd.Connect(config.Kubeconfig)
	}
	return datastore.Connect(config)
}

// snapshot reads the whole datastore, again and again until it can be read and says that it is
// ready. Nothing when the context ended before.
func (daemon *Daemon) snapshot(ctx context.Context, client store) (world *active.World, revision int64) {
	for ctx.Err() == nil {
		daemon.log.Log(felixlog.Info, "watchercache.go 326", "Full resync is required", listRoot)
		limited, cancel := context.WithTimeout(ctx, readLimit)
		resources, revision, err := client.Snapshot(limited)
		cancel()
		if err != nil {
			daemon.log.Log(felixlog.Error, "daemon.go 245", "Failed to get config from datastore", felixlog.Field{Key: "error", Value: err})
		} else {
			world := active.NewWorld(resources)
			if isReady(world) {
				return world, revision
			}
			daemon.log.Log(felixlog.Warning, "daemon.go 229", "Waiting for datastore to be initialized (or migrated)")
			// Real Felix answers that it is ready all the while.
			daemon.health.Report(health.FelixStartup, true, "")
		}
		pause(ctx, retryInterval)
	}
	return nil, 0
}

func isReady(world *active.World) bool {
	information := world.ClusterInformation()
	return information != nil && information.Spec.DatastoreReady != nil && *information.Spec.DatastoreReady
}

// watchConnection logs when the datastore stops answering, each time it is asked, and when it
// answers again. What is programmed stays all the while.
func (daemon *Daemon) watchConnection(ctx context.Context, client store) {
	lost := false
	for pause(ctx, pingInterval) {
		limited, cancel := context.WithTimeout(ctx, pingInterval)
		_, err := client.Revision(limited)
		cancel()
		switch {
		case errors.Is(ctx.Err(), context.Canceled):
			return
		case err != nil:
			daemon.log.Log(felixlog.Info, "watchercache.go 379", "Failed to perform list of current data during resync", listRoot, felixlog.Field{Key: "error", Value: err})
			if !lost {
				daemon.log.Log(felixlog.Warning, "watchercache.go 389", "Connection to datastore has failed - signaling error to client.", listRoot)
				daemon.log.Log(felixlog.Info, "watchersyncer.go 180", "watchersyncer transition from=in-sync to=wait-for-ready")
			}
			lost = true
		case lost:
			daemon.log.Log(felixlog.Info, "watchersyncer.go 180", "watchersyncer transition from=wait-for-ready to=in-sync")
			lost = false
		}
	}
}
