package daemon

import (
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"calico-chatops/lab/internal/felix/capturetest"
)

const firstUpdate = "Completed first update to dataplane."

var captured = map[string]string{
	"healthy-legacy": "legacy", "healthy-nft": "nft",
	"profile-missing-rbac-legacy": "legacy", "profile-missing-rbac-nft": "nft",
	"policies-legacy": "legacy", "policies-nft": "nft",
	"healthy-nftables": "nftables", "profile-missing-rbac-nftables": "nftables",
}

// TestKernelAsRealFelixLeftIt: the same datastore, the same tables, IP sets and routes, read
// back from the kernel.
func TestKernelAsRealFelixLeftIt(t *testing.T) {
	for scenario, backend := range captured {
		for _, name := range []string{"n1", "n2"} {
			t.Run(scenario+" "+name, func(t *testing.T) {
				if inOwnNamespace(t) {
					compareWithCapture(t, scenario, name, backend)
				}
			})
		}
	}
}

func compareWithCapture(t *testing.T, scenario, name, backend string) {
	node := startNode(t, scenario, name, backend)
	until(t, "first update", func() bool { return node.log.has(firstUpdate) })
	wanted := capturedChains(t, scenario, name, backend)
	programmed := node.chains(t)
	for chain, rules := range wanted {
		if !reflect.DeepEqual(programmed[chain], rules) {
			t.Errorf("%s:\nprogrammed %s\ncaptured %s", chain, strings.Join(programmed[chain], "\n"), strings.Join(rules, "\n"))
		}
	}
	if len(programmed) != len(wanted) {
		t.Errorf("%d chains, captured %d", len(programmed), len(wanted))
	}
	wantedSets := sortedMembers(capturetest.Sets(capturetest.Read(t, scenario, name, "ipset-save.txt")))
	if sets := sortedMembers(capturetest.Sets([]byte(command(t, "ipset", "save")))); !reflect.DeepEqual(sets, wantedSets) {
		t.Errorf("IP sets %q, captured %q", sets, wantedSets)
	}
	if routes, wanted := podRoutes(command(t, "ip", "route")), podRoutes(string(capturetest.Read(t, scenario, name, "ip-route.txt"))); routes != wanted {
		t.Errorf("routes %q, captured %q", routes, wanted)
	}
	for _, check := range []string{"readiness", "liveness"} {
		answer := strings.ReplaceAll(string(capturetest.Read(t, scenario, name, "felix-"+check+".txt")), "\r", "")
		_, table, _ := strings.Cut(answer, "\n\n")
		if status, body := get(t, "http://127.0.0.1:9099/"+check); status != 200 || body != strings.TrimSpace(table) {
			t.Errorf("%s: %d\n%s\ncaptured\n%s", check, status, body, table)
		}
	}
}

// capturedChains are what real Felix programmed: with nftables, sets and maps with it.
func capturedChains(t *testing.T, scenario, name, backend string) map[string][]string {
	if backend == "nftables" {
		return capturetest.NativeChains(capturetest.Read(t, scenario, name, "nft-list-ruleset.txt"))
	}
	return capturetest.Chains(capturetest.Read(t, scenario, name, "iptables-"+backend+"-save-c.txt"))
}

func podRoutes(text string) string {
	var routes []string
	for _, line := range strings.Split(text, "\n") {
		if strings.Contains(line, " dev cali") {
			routes = append(routes, strings.TrimSpace(line))
		}
	}
	return strings.Join(routes, "\n")
}

func get(t *testing.T, url string) (status int, body string) {
	t.Helper()
	response, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(text)
}
