package daemon

import (
	"context"
	"os"
	"reflect"
	"slices"

	"calico-chatops/lab/internal/felix/active"
	"calico-chatops/lab/internal/felix/dataplane"
	"calico-chatops/lab/internal/felix/felixlog"
	"calico-chatops/lab/internal/felix/rules"
	"calico-chatops/lab/internal/felix/settings"
)

// work is what has to be looked at.
type work uint

const (
	changedWorld work = 1 << iota
	changedLinks
	allTables // also those in which nothing should have changed
	allSets
	allRoutes

	everything = changedWorld | changedLinks | allTables | allSets | allRoutes
)

// applier brings the kernel to what the world wants, and remembers what it wanted last.
type applier struct {
	daemon   *Daemon
	world    *active.World
	settings settings.Settings
	backend  dataplane.Backend
	links    *dataplane.LinkWatcher

	isDone        bool
	lastFilter    map[rules.Family]filter
	lastEndpoints map[rules.Family][]active.Endpoint
	lastUp        []string
	// What was logged last, by name.
	missing             map[string]bool
	profiles, endpoints map[string]string
	complaints          []string
}

// apply does the work, and gives back what has to be tried again because it failed.
func (applier *applier) apply(ctx context.Context, todo work) (failed work) {
	if todo == 0 {
		return 0
	}
	applier.settings = resolveSettings(applier.world).Settings
	endpoints := make(map[rules.Family][]active.Endpoint)
	for _, family := range applier.families() {
		result := active.Compute(applier.world, applier.settings.Hostname, family)
		if family == rules.IPv4 {
			applier.logResult(result)
		}
		again, isProgrammed := applier.applyFilter(ctx, todo, family, result)
		if failed |= again; !isProgrammed {
			return failed
		}
		endpoints[family] = result.Endpoints
	}
	failed |= applier.applyEndpoints(ctx, todo, endpoints)
	if failed == 0 && !applier.isDone {
		applier.isDone = true
		applier.daemon.logFirstUpdate()
	}
	return failed
}

// applyFilter programs the packet filter of one family; not where the node's own addresses cannot be read.
func (applier *applier) applyFilter(ctx context.Context, todo work, family rules.Family, result active.Result) (failed work, isProgrammed bool) {
	config := applier.rulesConfig(family)
	hostAddresses, err := dataplane.HostAddresses(ctx, family, config.InterfacePrefix)
	if err != nil {
		applier.warn("hostip_mgr.go 84", "Failed to list the node's own addresses", err)
		return todo, false
	}
	sets := append(active.StaticSets(applier.world, applier.settings.Hostname, config, hostAddresses), result.Sets...)
	wanted := applier.filterOf(config, result, sets)
	if failed, isProgrammed = applier.program(ctx, todo, family, wanted); isProgrammed {
		applier.lastFilter[family] = wanted
	}
	return failed, isProgrammed
}

// families are those that this Felix cares for.
func (applier *applier) families() []rules.Family {
	if applier.settings.IPv6Support {
		return []rules.Family{rules.IPv4, rules.IPv6}
	}
	return []rules.Family{rules.IPv4}
}

// applyEndpoints sets up interfaces that are new or came up, and the routes through them.
func (applier *applier) applyEndpoints(ctx context.Context, todo work, endpoints map[rules.Family][]active.Endpoint) (failed work) {
	prefix := applier.settings.InterfacePrefix
	down := applier.links.TakeDown()
	wentDown := slices.ContainsFunc(applier.lastUp, func(name string) bool { return down[name] })
	applier.lastUp = slices.DeleteFunc(applier.lastUp, func(name string) bool { return down[name] })
	up, err := dataplane.UpInterfaces(prefix)
	if err != nil {
		applier.warn("int_dataplane.go 2210", "Failed to list interfaces", err)
		return changedLinks | allRoutes // which are down is told once
	}
	for family, wanted := range endpoints {
		failed |= applier.applyFamily(ctx, todo, family, wanted, up, wentDown)
	}
	if failed == 0 {
		applier.lastEndpoints, applier.lastUp = endpoints, up
	}
	return failed
}

func (applier *applier) applyFamily(ctx context.Context, todo work, family rules.Family, endpoints []active.Endpoint, up []string, wentDown bool) (failed work) {
	last := applier.lastEndpoints[family]
	for _, endpoint := range endpoints {
		isNew := !slices.ContainsFunc(last, func(one active.Endpoint) bool { return one.Interface == endpoint.Interface })
		cameUp := !slices.Contains(applier.lastUp, endpoint.Interface)
		if slices.Contains(up, endpoint.Interface) && (isNew || cameUp) {
			if err := dataplane.ConfigureInterface(family, endpoint.Interface); err != nil {
				applier.warn("endpoint_mgr.go 1060", "Failed to configure interface, will retry", err)
				failed |= changedLinks
			}
		}
	}
	cameUp := slices.ContainsFunc(up, func(name string) bool { return !slices.Contains(applier.lastUp, name) })
	if todo&allRoutes != 0 || cameUp || wentDown || !reflect.DeepEqual(addresses(endpoints), addresses(last)) {
		if _, err := dataplane.SyncRoutes(ctx, family, applier.settings.InterfacePrefix, endpoints, up); err != nil {
			applier.warn("route_table.go 930", "Failed to synchronise routes", err)
			failed |= allRoutes
		}
	}
	return failed
}

// addresses are the addresses by interface.
func addresses(endpoints []active.Endpoint) map[string][]string {
	byInterface := make(map[string][]string)
	for _, endpoint := range endpoints {
		byInterface[endpoint.Interface] = endpoint.Addresses
	}
	return byInterface
}

// isOld tells whether this plays Felix of Calico 2.x.
func isOld() bool { return os.Getenv("CALICO_LAB_ERA") == "2" }

func (applier *applier) rulesConfig(family rules.Family) rules.Config {
	config := rules.Config{
		Family:               family,
		InterfacePrefix:      applier.settings.InterfacePrefix,
		EndpointToHostAction: applier.settings.DefaultEndpointToHostAction,
		LogPrefix:            applier.settings.LogPrefix,
		Old:                  isOld(),
	}
	config.IPIP, config.VXLAN = applier.world.Encapsulation(family)
	if applier.settings.IPIPEnabled != nil && !family.Is6() {
		config.IPIP = *applier.settings.IPIPEnabled
	}
	if applier.settings.VXLANEnabled != nil && !family.Is6() {
		config.VXLAN = *applier.settings.VXLANEnabled
	}
	return config
}

func (applier *applier) warn(place, message string, err error) {
	applier.daemon.log.Log(felixlog.Warning, place, message, felixlog.Field{Key: "error", Value: err})
}
