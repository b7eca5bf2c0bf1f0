package kubecontrollers

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"k8s.io/client-go/kubernetes"

	"calico-chatops/lab/internal/datastore"
)

const (
	healthInterval = 10 * time.Second
	healthTimeout  = 4 * time.Second
)

// health knows which components are ready, says so in the log when it changes, and keeps the
// status file. It covers the datastore and the API server as such, not what the program may
// read there.
type health struct {
	log        *logger
	file       string
	components map[string]component
}

type component struct {
	Ready  bool
	Reason string
}

func newHealth(log *logger, file string) *health {
	return &health{log: log, file: file, components: map[string]component{}}
}

// report records a component as ready, or, with a reason, as not ready.
func (all *health) report(name, reason string) {
	before := all.components[name]
	now := component{Ready: reason == "", Reason: reason}
	if before == now {
		return
	}
	all.components[name] = now
	if before.Ready != now.Ready {
		all.log.info("health.go 203", "Health of component changed", fields{"name": name, "newReport": now.shown(), "oldReport": before.shown()})
	}
	if err := all.write(); err != nil {
		all.log.warning("status.go 96", "Failed to write readiness file", fields{"error": err})
	}
}

func (one component) shown() string {
	if one.Ready {
		return "live,ready"
	}
	return "live,non-ready"
}

// write replaces the status file, if the folder it belongs in is there.
func (all *health) write() error {
	if _, err := os.Stat(filepath.Dir(all.file)); err != nil {
		return nil
	}
	text, err := json.Marshal(map[string]map[string]component{"Readiness": all.components})
	if err != nil {
		return err
	}
	if err := os.WriteFile(all.file+".new", text, 0o644); err != nil {
		return err
	}
	return os.Rename(all.file+".new", all.file)
}

// watch checks every ten seconds until the context ends.
func (all *health) watch(ctx context.Context, store *datastore.Client, kube kubernetes.Interface) {
	tick := time.NewTicker(healthInterval)
	defer tick.Stop()
	for ctx.Err() == nil {
		all.report("CalicoDatastore", all.checkDatastore(ctx, store))
		all.report("KubeAPIServer", all.checkServer(ctx, kube))
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

// watchServer checks the one server that is the datastore too.
func (all *health) watchServer(ctx context.Context, kube kubernetes.Interface) {
	tick := time.NewTicker(healthInterval)
	defer tick.Stop()
	for ctx.Err() == nil {
		reason := all.checkServer(ctx, kube)
		all.report("CalicoDatastore", reason)
		all.report("KubeAPIServer", reason)
		select {
		case <-ctx.Done():
		case <-tick.C:
		}
	}
}

func (all *health) checkDatastore(ctx context.Context, store *datastore.Client) string {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	if err := store.EnsureInitialized(ctx, "k8s"); err != nil {
		all.log.error("run.go 325", "Failed to verify datastore", fields{"error": err})
		return "Error verifying datastore: " + err.Error()
	}
	return ""
}

func (all *health) checkServer(ctx context.Context, kube kubernetes.Interface) string {
	ctx, cancel := context.WithTimeout(ctx, healthTimeout)
	defer cancel()
	status := 0
	err := kube.Discovery().RESTClient().Get().AbsPath("/healthz").Do(ctx).StatusCode(&status).Error()
	if status == 200 {
		return ""
	}
	all.log.error("run.go 345", "Received bad status code from apiserver", fields{"error": err, "status": status})
	return fmt.Sprintf("Error reaching apiserver: %v with http status code: %d", err, status)
}
