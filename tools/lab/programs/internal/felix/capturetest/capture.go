// Package capturetest reads, for tests, what was captured of real Felix and its datastore.
package capturetest

import (
	"bufio"
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"calico-chatops/lab/internal/calico"
)

// folder is seen from a package below internal/felix.
const folder = "../../../../../../test/fixtures/captures"

// objectFiles are the captured outputs of calicoctl that hold whole objects.
var objectFiles = []string{
	"get-wep-all-yaml.txt", "get-profile-yaml.txt", "get-networkpolicy-yaml.txt", "get-gnp-yaml.txt",
	"get-node-yaml.txt", "get-ippool-yaml.txt", "get-clusterinfo-yaml.txt", "get-felixconfig-yaml.txt",
}

// Read is one captured file.
func Read(t *testing.T, parts ...string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{folder}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Resources are the datastore at the time of a capture.
func Resources(t *testing.T, scenario string) []calico.Resource {
	t.Helper()
	var resources []calico.Resource
	for _, file := range objectFiles {
		text, _, _ := bytes.Cut(Read(t, scenario, "calicoctl", file), []byte("\nexit "))
		var list struct {
			Items []map[string]any `json:"items"`
		}
		if err := yaml.Unmarshal(text, &list); err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		for _, item := range list.Items {
			kind, known := calico.KindNamed(item["kind"].(string))
			if !known {
				t.Fatalf("%s: kind %v", file, item["kind"])
			}
			resource := kind.Empty()
			encoded, err := yaml.Marshal(item)
			if err == nil {
				err = yaml.UnmarshalStrict(encoded, resource)
			}
			if err != nil {
				t.Fatalf("%s: %v", file, err)
			}
			resources = append(resources, resource)
		}
	}
	return append(resources, tiers(t, scenario)...)
}

// tiers come from a table, the only form in which the captures have them.
func tiers(t *testing.T, scenario string) []calico.Resource {
	t.Helper()
	var found []calico.Resource
	for _, line := range strings.Split(string(Read(t, scenario, "calicoctl", "get-tier-wide.txt")), "\n")[1:] {
		fields := strings.Fields(line)
		if len(fields) != 2 || fields[0] == "exit" {
			continue
		}
		order, err := strconv.ParseFloat(fields[1], 64)
		if err != nil {
			t.Fatal(err)
		}
		kind, _ := calico.KindNamed("Tier")
		tier := kind.Empty().(*calico.Tier)
		tier.Name = fields[0]
		tier.Spec.Order = &order
		found = append(found, tier)
	}
	return found
}

var counters = regexp.MustCompile(`^\[\d+:\d+\] `)

// Chains are the rules of each chain of each table, "TABLE CHAIN" to lines; chains of the
// kernel's own only where something is in them.
func Chains(save []byte) map[string][]string {
	chains := make(map[string][]string)
	table := ""
	lines := bufio.NewScanner(bytes.NewReader(save))
	for lines.Scan() {
		line := counters.ReplaceAllString(lines.Text(), "")
		switch {
		case strings.HasPrefix(line, "*"):
			table = line[1:]
		case strings.HasPrefix(line, ":cali-"):
			chains[table+" "+strings.Fields(line)[0][1:]] = nil
		case strings.HasPrefix(line, "-A "):
			name := table + " " + strings.Fields(line)[1]
			chains[name] = append(chains[name], line)
		}
	}
	return chains
}

var (
	nativePlace   = regexp.MustCompile(`^\t(chain|map|set) (\S+) \{$|^table (\S+ \S+) \{$`)
	nativeCounter = regexp.MustCompile(`counter packets \d+ bytes \d+`)
	wrapped       = regexp.MustCompile(`,\n\s+`)
)

// NativeChains are the lines of each chain, map and set of Felix's tables in a listing of nft, as
// "ip calico chain NAME" to lines, without counters.
func NativeChains(listing []byte) map[string][]string {
	objects := make(map[string][]string)
	table, object := "", ""
	text := wrapped.ReplaceAllString(nativeCounter.ReplaceAllString(string(listing), "counter"), ", ")
	for _, line := range strings.Split(text, "\n") {
		place := nativePlace.FindStringSubmatch(line)
		switch {
		case place != nil && place[3] != "":
			table = place[3]
		case !strings.Contains(table, " calico"):
		case place != nil:
			object = table + " " + place[1] + " " + place[2]
			objects[object] = nil
		case strings.HasPrefix(line, "\t\t"):
			objects[object] = append(objects[object], strings.TrimSpace(line))
		}
	}
	return objects
}

var initialValue = regexp.MustCompile(` hashsize.*`)

// Sets are the members of each IP set, "NAME TYPE" to members.
func Sets(save []byte) map[string][]string {
	sets := make(map[string][]string)
	types := make(map[string]string)
	lines := bufio.NewScanner(bytes.NewReader(save))
	for lines.Scan() {
		fields := strings.Fields(initialValue.ReplaceAllString(lines.Text(), ""))
		switch fields[0] {
		case "create":
			types[fields[1]] = fields[2]
			sets[fields[1]+" "+fields[2]] = nil
		case "add":
			name := fields[1] + " " + types[fields[1]]
			sets[name] = append(sets[name], fields[2])
		}
	}
	return sets
}
