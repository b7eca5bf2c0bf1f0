package dataplane

import (
	"context"
	"os"

	"calico-chatops/lab/internal/felix/rules"
)

// legacyNames lists the legacy tables of a network namespace; it is there only once the kernel
// has loaded the legacy backend at all.
const legacyNames = "/proc/net/ip_tables_names"

// Sweep takes Calico's chains and jumps out of where this Felix does not work: an earlier Felix
// may have left them there. Reading a legacy table makes the kernel register it, so a node on nft
// or nftables has four empty legacy tables afterwards, as with real Felix; where the kernel has not
// loaded the legacy backend, it is left alone.
func Sweep(ctx context.Context, inUse Backend) error {
	if inUse != Native {
		if err := RemoveNative(ctx); err != nil {
			return err
		}
	}
	for _, other := range []Backend{Legacy, NFT} {
		if _, err := os.Stat(legacyNames); other == inUse || other == Legacy && err != nil {
			continue
		}
		if _, err := NewTables(other, rules.IPv4).SyncAll(ctx, rules.Nothing()); err != nil {
			return err
		}
	}
	return nil
}
