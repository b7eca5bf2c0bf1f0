// Package felix_test compares what is rendered with what real Felix programmed.
package felix_test

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
	"calico-chatops/lab/internal/felix/active"
)

const captures = "../../../../fixtures/captures"

// objectFiles are the captured outputs of calicoctl that hold whole objects.
var objectFiles = []string{
	"get-wep-all-yaml.txt", "get-profile-yaml.txt", "get-networkpolicy-yaml.txt", "get-gnp-yaml.txt",
	"get-node-yaml.txt", "get-ippool-yaml.txt", "get-clusterinfo-yaml.txt", "get-felixconfig-yaml.txt",
}

func read(t *testing.T, parts ...string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(append([]string{captures}, parts...)...))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// capturedWorld is the datastore at the time of a capture.
func capturedWorld(t *testing.T, scenario string) *active.World {
	t.Helper()
	var resources []calico.Resource
	for _, file := range objectFiles {
		text, _, _ := bytes.Cut(read(t, scenario, "calicoctl", file), []byte("\nexit "))
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
	return active.NewWorld(append(resources, capturedTiers(t, scenario)...))
}

// capturedTiers come from a table, the only form in which the captures have them.
func capturedTiers(t *testing.T, scenario string) []calico.Resource {
	var tiers []calico.Resource
	for _, line := range strings.Split(string(read(t, scenario, "calicoctl", "get-tier-wide.txt")), "\n")[1:] {
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
		tiers = append(tiers, tier)
	}
	return tiers
}

var counters = regexp.MustCompile(`^\[\d+:\d+\] `)

// chainsOfSave are the rules of each chain of each table, "TABLE CHAIN" to lines; chains of the
// kernel's own only where something is in them.
func chainsOfSave(save []byte) map[string][]string {
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

var tagOfRule = regexp.MustCompile(`--comment "cali:([^"]+)"`)
var initialValue = regexp.MustCompile(` hashsize.*`)

// setsOfSave are the members of each IP set, "NAME TYPE" to members.
func setsOfSave(save []byte) map[string][]string {
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
