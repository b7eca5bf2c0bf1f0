package dataplane

import (
	"context"
	"os"
	"strings"
	"testing"

	"calico-chatops/lab/internal/felix/rules"
)

func TestSweepTakesWhatAnEarlierFelixLeft(t *testing.T) {
	for _, one := range []struct{ inUse, left Backend }{{Legacy, NFT}, {NFT, Legacy}, {Native, NFT}, {Native, Legacy}} {
		inUse, left := one.inUse, one.left
		t.Run(string(left)+" on "+string(inUse), func(t *testing.T) {
			ownNamespace(t)
			foreign := []string{"FORWARD", "-m", "comment", "--comment", "host firewall", "-j", "ACCEPT"}
			command(t, append([]string{"iptables-" + string(left), "-A"}, foreign...)...)
			program(t, NewTables(left, rules.IPv4), onePod(allowing()))
			if inUse == Native {
				programNative(t, rules.Node{}, staticSets)
			} else {
				program(t, NewTables(inUse, rules.IPv4), rules.Node{})
			}
			kept := stateOf(t, inUse)
			if err := Sweep(context.Background(), inUse); err != nil {
				t.Fatal(err)
			}
			after := state(t, left)
			if strings.Contains(after, "cali") || !strings.Contains(after, "host firewall") {
				t.Errorf("%s after the sweep:\n%s", left, after)
			}
			if stateOf(t, inUse) != kept {
				t.Errorf("%s was changed", inUse)
			}
		})
	}
}

func stateOf(t *testing.T, backend Backend) string {
	if backend == Native {
		return nativeListing(t)
	}
	return state(t, backend)
}

// Seen with real Felix on nft: the legacy tables are there, and empty.
func TestSweepOnNFTRegistersTheLegacyTables(t *testing.T) {
	ownNamespace(t)
	if _, err := os.Stat(legacyNames); err != nil {
		t.Skip("the kernel has no legacy backend: ", err)
	}
	if before := state(t, Legacy); before != "" {
		t.Fatalf("a new namespace has legacy tables:\n%s", before)
	}
	if err := Sweep(context.Background(), NFT); err != nil {
		t.Fatal(err)
	}
	after := state(t, Legacy)
	for _, table := range []string{"*filter", "*mangle", "*nat", "*raw"} {
		if !strings.Contains(after, table) {
			t.Errorf("no %s in:\n%s", table, after)
		}
	}
	if strings.Contains(after, "-A ") {
		t.Errorf("rules in:\n%s", after)
	}
}
