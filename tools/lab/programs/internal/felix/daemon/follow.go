package daemon

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"calico-chatops/lab/internal/datastore"
	"calico-chatops/lab/internal/felix/active"
	"calico-chatops/lab/internal/felix/dataplane"
	"calico-chatops/lab/internal/felix/felixlog"
	"calico-chatops/lab/internal/felix/health"
	"calico-chatops/lab/internal/felix/rules"
	"calico-chatops/lab/internal/felix/settings"
)

const (
	reportInterval = 10 * time.Second
)

// follow programs the node and keeps it so, until the context ends or the datastore says that
// it is not ready any more (errDatastoreUnready).
func (daemon *Daemon) follow(ctx context.Context, client store) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	daemon.health.Report(health.FelixStartup, false, "")
	world, revision := daemon.snapshot(ctx, client)
	if world == nil {
		return nil
	}
	for _, reporter := range []string{health.CalculationGraph, health.Dataplane} {
		daemon.health.Report(reporter, false, "")
	}
	applier, err := daemon.newApplier(ctx, world)
	if err != nil {
		return err
	}
	daemon.log.Log(felixlog.Info, "watchersyncer.go 180", "watchersyncer transition from=resync to=in-sync")
	daemon.health.Report(health.FelixStartup, true, "")
	go daemon.watchConnection(ctx, client)
	events := client.Watch(ctx, revision)
	report, refreshSets := time.NewTicker(reportInterval), every(applier.settings.IPSetsRefreshInterval)
	refreshTables, refreshRoutes := every(applier.settings.IptablesRefreshInterval), every(applier.settings.RouteRefreshInterval)
	work := everything
	for ctx.Err() == nil {
		retry := applier.apply(ctx, work)
		daemon.health.Report(health.CalculationGraph, true, "")
		daemon.health.Report(health.Dataplane, retry == 0, "")
		var again <-chan time.Time
		if retry != 0 {
			again = time.After(retryInterval)
		}
		work = retry
		select {
		case <-ctx.Done():
		case <-again:
		case <-report.C:
		case <-refreshTables:
			work |= allTables
		case <-refreshSets:
			work |= allSets
		case <-refreshRoutes:
			work |= allRoutes
		case <-applier.links.Changes:
			work |= changedLinks
		case event, open := <-events:
			if !open || event.Err != nil {
				daemon.log.Log(felixlog.Warning, "watchercache.go 189", "Unknown watch error event received, restarting the watch.", listRoot, felixlog.Field{Key: "error", Value: fmt.Errorf("%w", eventError(event))})
				if world, revision = daemon.snapshot(ctx, client); world == nil {
					return nil
				}
				applier.world = world
				events = client.Watch(ctx, revision)
			} else {
				take(world, event)
				takePending(world, events)
			}
			if !isReady(world) {
				daemon.log.Log(felixlog.Warning, "daemon.go 1491", "Datastore became unready, need to restart.")
				daemon.log.Log(felixlog.Info, "daemon.go 901", "Sleeping to avoid tight restart loop.")
				pause(ctx, endPause)
				return errDatastoreUnready
			}
			work |= changedWorld
		}
	}
	return nil
}

// every is a ticker's channel, or for no interval a channel on which nothing ever comes.
func every(interval time.Duration) <-chan time.Time {
	if interval <= 0 {
		return nil
	}
	return time.NewTicker(interval).C
}

func eventError(event datastore.Event) error {
	if event.Err != nil {
		return event.Err
	}
	return fmt.Errorf("watch ended")
}

func take(world *active.World, event datastore.Event) {
	if event.Resource == nil {
		world.Delete(event.Kind.Name, event.Namespace, event.Name)
	} else {
		world.Put(event.Resource)
	}
}

// takePending takes what came together with the first event, so that it is worked out once. An
// error among it is left to be found by the next read of the closed channel.
func takePending(world *active.World, events <-chan datastore.Event) {
	for {
		select {
		case event, open := <-events:
			if !open || event.Err != nil {
				return
			}
			take(world, event)
		default:
			return
		}
	}
}

// newApplier settles the configuration, of which the backend is fixed for the whole run.
func (daemon *Daemon) newApplier(ctx context.Context, world *active.World) (*applier, error) {
	resolved := resolveSettings(world)
	resolved.Log(daemon.log)
	backend, err := daemon.backendOf(ctx, resolved.Settings)
	if err != nil {
		return nil, err
	}
	if err := dataplane.Sweep(ctx, backend); err != nil {
		return nil, err
	}
	links, err := dataplane.WatchLinks(ctx)
	if err != nil {
		return nil, err
	}
	if err := dataplane.EnableForwarding(rules.IPv4); err != nil {
		daemon.log.Log(felixlog.Error, "int_dataplane.go 2470", "Failed to set IPv4 forwarding sysctl", felixlog.Field{Key: "error", Value: err})
	}
	return &applier{
		daemon: daemon, world: world, settings: resolved.Settings,
		backend: backend, links: links, missing: make(map[string]bool),
		profiles: make(map[string]string), endpoints: make(map[string]string),
		lastFilter: make(map[rules.Family]filter), lastEndpoints: make(map[rules.Family][]active.Endpoint),
	}, nil
}

// backendOf is nftables where that is asked for, or left open and kube-proxy is there; else it is
// one of iptables'.
func (daemon *Daemon) backendOf(ctx context.Context, settings settings.Settings) (dataplane.Backend, error) {
	if settings.NFTablesMode == "Enabled" || settings.NFTablesMode == "Auto" && dataplane.KubeProxyOnNative(ctx) {
		return dataplane.Native, nil
	}
	backend := dataplane.Backend(settings.IptablesBackend)
	detected, isEvident, err := dataplane.DetectBackend(ctx)
	switch {
	case err != nil:
		return "", err
	case backend == "auto":
		backend = detected
	case isEvident && backend != detected:
		daemon.log.Log(felixlog.Warning, "feature_detect_linux.go 418", "Iptables backend specified does not match the detected backend, using specified backend",
			felixlog.Field{Key: "detectedBackend", Value: string(detected)}, felixlog.Field{Key: "specifiedBackend", Value: string(backend)})
	}
	daemon.logBackend(backend)
	return backend, nil
}

func resolveSettings(world *active.World) settings.Result {
	hostname := settings.Resolve(os.Environ(), nil, nil).Settings.Hostname
	return settings.Resolve(os.Environ(), world.FelixConfiguration("default"), world.FelixConfiguration("node."+hostname))
}

func (daemon *Daemon) logBackend(backend dataplane.Backend) {
	if backend == dataplane.NFT {
		daemon.log.Log(felixlog.Info, "table.go 499", "Enabling iptables-in-nftables-mode workarounds.")
	}
	for _, verb := range []string{"restore", "save"} {
		command := fmt.Sprintf("iptables-%s-%s", backend, verb)
		daemon.log.Log(felixlog.Info, "feature_detect_linux.go 460", fmt.Sprintf(
			`Looked up iptables command backendMode=%q candidates=[]string{%q, %q} command=%q ipVersion=0x4 saveOrRestore=%q`,
			backend, command, "iptables-"+verb, command, verb))
	}
	marks := []string{}
	for _, mark := range []struct {
		name string
		bits uint32
	}{{"acceptMark", rules.MarkAccept}, {"dropMark", rules.MarkDrop}, {"passMark", rules.MarkPass}, {"scratch0Mark", rules.MarkScratch0}, {"scratch1Mark", rules.MarkScratch1}} {
		if bits := rules.MarkBits(isOld(), mark.bits); bits != 0 {
			marks = append(marks, fmt.Sprintf("%s=%#x", mark.name, bits))
		}
	}
	daemon.log.Log(felixlog.Info, "driver.go 129", "Calculated iptables mark bits "+strings.Join(marks, " "))
}
