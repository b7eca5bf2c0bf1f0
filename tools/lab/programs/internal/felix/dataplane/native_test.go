package dataplane

import (
	"context"
	"strings"
	"testing"

	"calico-chatops/lab/internal/felix/active"
	"calico-chatops/lab/internal/felix/rules"
)

var staticSets = active.StaticSets(active.NewWorld(nil), "n", config, []string{"10.250.0.11"})

func programNative(t *testing.T, node rules.Node, sets []active.Set) (changed bool) {
	t.Helper()
	changed, err := SyncNative(context.Background(), rules.RenderNative(config, node), sets)
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

func nativeListing(t *testing.T) string {
	return command(t, "nft", "-s", "list", "table", "ip", "calico")
}

func TestNativeProgrammingTwiceChangesNothing(t *testing.T) {
	ownNamespace(t)
	sets := append(staticSets, active.Set{Name: "cali40s:web", Type: "hash:net", Members: []string{"10.0.0.1", "192.168.0.0/16"}},
		active.Set{Name: "cali40n:ports", Type: "hash:ip,port", Members: []string{"10.0.0.1,tcp:8080"}})
	if !programNative(t, onePod(allowing()), sets) {
		t.Fatal("nothing programmed")
	}
	first := nativeListing(t)
	if programNative(t, onePod(allowing()), sets) || nativeListing(t) != first {
		t.Errorf("programming the same again changed something:\n%s", nativeListing(t))
	}
	for _, wanted := range []string{`"cali0a1b2c3d4e5" : goto filter-cali-tw-cali0a1b2c3d4e5`, "10.0.0.1 . tcp . 8080", "192.168.0.0/16"} {
		if !strings.Contains(first, wanted) {
			t.Errorf("no %s in:\n%s", wanted, first)
		}
	}
}

func TestNativeOfIPv6BesideIPv4(t *testing.T) {
	ownNamespace(t)
	six := config
	six.Family = rules.IPv6
	sets := append(active.StaticSets(active.NewWorld(nil), "n", six, []string{"::1", "fd00:10:250::11"}),
		active.Set{Name: "cali60s:web", Type: "hash:net", Members: []string{"fd00:10:244:1::5", "2001:db8::/32"}},
		active.Set{Name: "cali60n:ports", Type: "hash:ip,port", Members: []string{"fd00:10:244:1::5,tcp:8080"}})
	programNative(t, onePod(allowing()), staticSets)
	native := rules.RenderNative(six, onePod(allowing()))
	for _, wanted := range []bool{true, false} {
		if changed, err := SyncNative(context.Background(), native, sets); err != nil || changed != wanted {
			t.Fatal(changed, err)
		}
	}
	if programNative(t, onePod(allowing()), staticSets) {
		t.Error("the table of IPv4 was touched")
	}
	listing := command(t, "nft", "-s", "list", "table", "ip6", "calico")
	for _, wanted := range []string{"fd00:10:244:1::5 . tcp . 8080", "2001:db8::/32", "type ipv6_addr . inet_proto . inet_service"} {
		if !strings.Contains(listing, wanted) {
			t.Errorf("no %s in:\n%s", wanted, listing)
		}
	}
	if err := RemoveNative(context.Background()); err != nil {
		t.Fatal(err)
	}
	if tables := command(t, "nft", "list", "tables"); tables != "" {
		t.Errorf("left over: %s", tables)
	}
}

func TestNativeRepairsWhatWasEdited(t *testing.T) {
	for name, edit := range map[string]string{
		"hook gone":       "flush chain ip calico filter-FORWARD",
		"chain emptied":   "flush chain ip calico filter-cali-pri-kns.default",
		"rule added":      "add rule ip calico filter-cali-tw-cali0a1b2c3d4e5 counter drop",
		"map emptied":     "flush map ip calico filter-cali-to-wl-dispatch",
		"set changed":     "add element ip calico cali40this-host { 10.9.9.9 }",
		"chain of nobody": "add chain ip calico filter-cali-tw-gone",
		"table gone":      "delete table ip calico",
	} {
		t.Run(name, func(t *testing.T) {
			ownNamespace(t)
			programNative(t, onePod(allowing()), staticSets)
			before := nativeListing(t)
			command(t, "nft", edit)
			if !programNative(t, onePod(allowing()), staticSets) {
				t.Error("not noticed")
			}
			if after := nativeListing(t); sorted(after) != sorted(before) {
				t.Errorf("not repaired:\n%s\nwanted:\n%s", after, before)
			}
		})
	}
}

func TestNativeKeepsRulesOfOthers(t *testing.T) {
	ownNamespace(t)
	programNative(t, onePod(allowing()), staticSets)
	command(t, "nft", "insert rule ip calico filter-FORWARD ip daddr 10.244.1.5 counter drop comment \"host firewall\"")
	command(t, "nft", "add chain ip calico filter-FORWARD { policy drop ; }")
	programNative(t, onePod(allowing()), staticSets)
	forward := command(t, "nft", "-s", "list", "chain", "ip", "calico", "filter-FORWARD")
	hook, foreign := strings.Index(forward, "jump filter-cali-FORWARD"), strings.Index(forward, "host firewall")
	closing := strings.Index(forward, "Policy explicitly accepted packet.")
	if hook < 0 || foreign < hook || closing < foreign || !strings.Contains(forward, "policy drop") {
		t.Errorf("order or policy is wrong:\n%s", forward)
	}
}

func TestNativeChainsThatAreNotWantedGo(t *testing.T) {
	ownNamespace(t)
	programNative(t, rules.Node{}, staticSets)
	empty := nativeListing(t)
	programNative(t, onePod(allowing()), append(staticSets, active.Set{Name: "cali40s:web", Type: "hash:net"}))
	programNative(t, rules.Node{}, staticSets)
	if after := nativeListing(t); sorted(after) != sorted(empty) {
		t.Errorf("left over:\n%s\nwanted:\n%s", after, empty)
	}
}

func TestSweepTakesTheNativeTablesOfAnEarlierFelix(t *testing.T) {
	ownNamespace(t)
	programNative(t, onePod(allowing()), staticSets)
	if _, err := SyncNative(context.Background(), rules.RenderARP(map[string][]string{"cali0a1b2c3d4e5": {"10.244.1.5/32"}}), nil); err != nil {
		t.Fatal(err)
	}
	command(t, "nft", "add table ip other")
	if err := Sweep(context.Background(), NFT); err != nil {
		t.Fatal(err)
	}
	if tables := command(t, "nft", "list", "tables"); strings.TrimSpace(tables) != "table ip other" {
		t.Errorf("left over: %s", tables)
	}
}
