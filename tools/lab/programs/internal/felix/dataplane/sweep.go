package dataplane

import (
	"context"
	"os"

	"calico-chatops/lab/internal/felix/rules"
)

// legacyNames lists the legacy tables of a network namespace; it is there only once the kernel
// has loaded the legacy backend at all.
const legacyNames = "/proc/net/ip_tables_names"

// Sweep takes Calico's chains and jumps out of the backend that this Felix does not work on: an
// earlier Felix may have left them there. Reading a legacy table makes the kernel register it,
// so a node on nft has four empty legacy tables afterwards, as with real Felix; where the kernel
// has not loaded the legacy backend, it is left alone.
func Sweep(ctx context.Context, inUse Backend) error {
	other := NFT
	if inUse == NFT {
		other = Legacy
		if _, err := os.Stat(legacyNames); err != nil {
			return nil
		}
	}
	_, err := NewTables(other).SyncAll(ctx, rules.Nothing())
	return err
}
