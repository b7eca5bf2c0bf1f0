package daemon

import (
	"context"
	"reflect"
	"slices"

	"calico-chatops/lab/internal/felix/active"
	"calico-chatops/lab/internal/felix/dataplane"
	"calico-chatops/lab/internal/felix/felixlog"
	"calico-chatops/lab/internal/felix/rules"
)

// filter is what the packet filter must hold: sets, and tables of iptables or of nftables.
type filter struct {
	sets    []active.Set
	tables  []rules.Table
	natives []rules.Native
}

func (applier *applier) filterOf(config rules.Config, result active.Result, sets []active.Set) filter {
	if applier.backend == dataplane.Native {
		natives := []rules.Native{rules.RenderNative(config, result.Rules)}
		if !config.Family.Is6() {
			natives = append(natives, rules.RenderARP(addresses(result.Endpoints)))
		}
		return filter{sets: sets, natives: natives}
	}
	return filter{sets: sets, tables: rules.Render(config, result.Rules)}
}

// program gives back what failed, and whether the rules were tried at all: without sets they
// cannot be programmed.
func (applier *applier) program(ctx context.Context, todo work, family rules.Family, wanted filter) (failed work, isTried bool) {
	last := applier.lastFilter[family]
	if applier.backend == dataplane.Native {
		return applier.programNative(ctx, todo, wanted, last), true
	}
	hasSetWork := todo&allSets != 0 || !reflect.DeepEqual(wanted.sets, last.sets)
	if hasSetWork {
		if err := dataplane.SyncSets(ctx, family, wanted.sets); err != nil {
			applier.warn("ipsets.go 328", "Failed to update IP sets", err)
			return todo | allSets, false
		}
	}
	changed := slices.DeleteFunc(slices.Clone(wanted.tables), func(table rules.Table) bool {
		return todo&allTables == 0 && slices.ContainsFunc(last.tables, func(one rules.Table) bool { return reflect.DeepEqual(one, table) })
	})
	if repaired, err := dataplane.NewTables(applier.backend, family).SyncAll(ctx, changed); err != nil {
		applier.warn("table.go 1310", "Failed to execute ip(6)tables-restore command", err)
		failed |= allTables
	} else {
		applier.logRepair(todo, repaired)
	}
	if failed == 0 && hasSetWork {
		if err := dataplane.RemoveSets(ctx, family, wanted.sets); err != nil {
			applier.warn("ipsets.go 700", "Failed to delete IP sets", err)
			failed |= allSets
		}
	}
	return failed, true
}

func (applier *applier) programNative(ctx context.Context, todo work, wanted, last filter) (failed work) {
	if todo&(allTables|allSets) == 0 && reflect.DeepEqual(wanted, last) {
		return 0
	}
	for _, native := range wanted.natives {
		sets := wanted.sets
		if native.Family == "arp" {
			sets = nil
		}
		repaired, err := dataplane.SyncNative(ctx, native, sets)
		if err != nil {
			applier.warn("table.go 1310", "Failed to program nftables", err)
			failed |= allTables
			continue
		}
		applier.logRepair(todo, repaired)
	}
	return failed
}

func (applier *applier) logRepair(todo work, repaired bool) {
	if repaired && todo&changedWorld == 0 && todo&allTables != 0 {
		applier.daemon.log.Log(felixlog.Warning, "table.go 786", "Detected out-of-sync inserts, marking for resync")
	}
}
