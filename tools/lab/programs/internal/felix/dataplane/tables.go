package dataplane

import (
	"context"
	"errors"

	"calico-chatops/lab/internal/felix/rules"
)

// Tables programs the tables of one backend and family.
type Tables struct {
	backend Backend
	family  rules.Family
}

// NewTables is for the node that this process is in.
func NewTables(backend Backend, family rules.Family) *Tables { return &Tables{backend, family} }

// Sync brings one table to what it must be, and tells whether anything had to be changed. What
// is right already is not touched.
func (tables *Tables) Sync(ctx context.Context, wanted rules.Table) (changed bool, err error) {
	save, err := run(ctx, "", tables.program("save"), "-t", wanted.Name)
	if err != nil {
		return false, err
	}
	changes, removals := plan(tables.backend, wanted, parseSave(save))
	if changes != "" {
		if err := tables.restore(ctx, changes); err != nil {
			return false, err
		}
	}
	if removals != "" {
		// Fails where somebody else's rule refers to the chain; the rest is in place by then.
		err = tables.restore(ctx, removals)
	}
	return changes != "" || removals != "", err
}

// SyncAll syncs several tables; one that fails does not keep the others from it.
func (tables *Tables) SyncAll(ctx context.Context, wanted []rules.Table) (changed bool, err error) {
	for _, table := range wanted {
		tableChanged, tableErr := tables.Sync(ctx, table)
		changed, err = changed || tableChanged, errors.Join(err, tableErr)
	}
	return changed, err
}

func (tables *Tables) restore(ctx context.Context, input string) error {
	command := []string{tables.program("restore"), "--noflush"}
	if tables.backend == Legacy {
		command = append(command, "--wait", "10")
	}
	_, err := run(ctx, input, command...)
	return err
}

func (tables *Tables) program(verb string) string {
	name := "iptables"
	if tables.family.Is6() {
		name = "ip6tables"
	}
	return name + "-" + string(tables.backend) + "-" + verb
}
