package calicoctl

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"testing"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
	"calico-chatops/lab/internal/etcdtest"
)

const captures = "../../../../../test/fixtures/captures"

// commands are the command lines that the captures' files hold the output of.
var commands = map[string]string{
	"get-bgpconfig-yaml":             "get bgpconfig -o yaml",
	"get-bgppeer-wide":               "get bgppeer -o wide",
	"get-clusterinfo-yaml":           "get clusterinfo -o yaml",
	"get-felixconfig-yaml":           "get felixconfig -o yaml",
	"get-gnp-wide":                   "get gnp -o wide",
	"get-gnp-yaml":                   "get gnp -o yaml",
	"get-hep-wide":                   "get hep -o wide",
	"get-ippool-wide":                "get ippool -o wide",
	"get-ippool-yaml":                "get ippool -o yaml",
	"get-kubecontrollersconfig-yaml": "get kubecontrollersconfig -o yaml",
	"get-networkpolicy-all":          "get networkpolicy --all-namespaces -o wide",
	"get-networkpolicy-yaml":         "get networkpolicy -A -oyaml",
	"get-node-wide":                  "get node --output=wide",
	"get-node-yaml":                  "get node -o yaml",
	"get-profile":                    "get profile",
	"get-profile-kns.default-yaml":   "get profile kns.default -o yaml",
	"get-profile-wide":               "get profile -o wide",
	"get-profile-yaml":               "get profile -o yaml",
	"get-tier-wide":                  "get tier -o wide",
	"get-wep-all-wide":               "get wep -A -o wide",
	"get-wep-all-yaml":               "get wep -A -o yaml",
	"ipam-show":                      "ipam show",
	"ipam-show-blocks":               "ipam show --show-blocks",
	"ipam-show-ip":                   "ipam show --ip=10.244.1.5",
	"version":                        "version",
}

// Byte for byte what the real calicoctl printed about the same objects at the same revisions.
func TestPrintsWhatTheRealOnePrinted(t *testing.T) {
	for _, capture := range []string{"healthy-legacy", "profile-missing-rbac-legacy", "policies-legacy", "healthy-vxlan-legacy", "k8s-deny-ingress-legacy"} {
		t.Run(capture, func(t *testing.T) {
			folder := filepath.Join(captures, capture, "calicoctl")
			server := etcdtest.Start(t)
			restore(t, server, folder)
			useEnvironment(t, server)
			files, err := filepath.Glob(folder + "/*.txt")
			if err != nil || len(files) == 0 {
				t.Fatalf("no captures in %s: %v", folder, err)
			}
			for _, file := range files {
				name := strings.TrimSuffix(filepath.Base(file), ".txt")
				command, ok := commands[name]
				if !ok {
					t.Errorf("%s: which command printed it?", name)
					continue
				}
				if got, want := output(t, command, ""), read(t, file); got != want {
					t.Errorf("calicoctl %s\n--- printed\n%s--- the real one\n%s", command, got, want)
				}
			}
		})
	}
}

// restore puts the captured objects back, each at the revision that it had.
func restore(t *testing.T, server *etcdtest.Server, folder string) {
	t.Helper()
	var objects []calico.Resource
	files, _ := filepath.Glob(folder + "/*.txt")
	last := int64(0)
	for _, file := range files {
		text, isList := strings.CutSuffix(read(t, file), "exit 0\n")
		if !isList || !strings.HasSuffix(file, "-yaml.txt") {
			continue
		}
		loaded, err := load("-", strings.NewReader(text))
		if err != nil {
			t.Fatalf("%s: %v", file, err)
		}
		objects = append(objects, loaded...)
		if _, after, found := strings.Cut(text, "\nmetadata:\n  resourceVersion: \""); found {
			revision, err := strconv.ParseInt(strings.TrimSpace(strings.TrimSuffix(after, "\"\n")), 10, 64)
			if err != nil {
				t.Fatal(err)
			}
			last = max(last, revision)
		}
	}
	sort.Slice(objects, func(i, j int) bool { return revision(t, objects[i]) < revision(t, objects[j]) })
	at := int64(1)
	fill := func(until int64) {
		for ; at < until; at++ {
			server.Put(t, "/filler", "")
		}
	}
	fill(2)
	putTiersAndBlocks(t, server, folder, &at)
	for _, object := range objects {
		want := revision(t, object)
		if want <= at { // the made-up default profile, or one that two files show
			continue
		}
		fill(want - 1)
		kind, _ := exactKind(object.GetObjectKind().GroupVersionKind().Kind)
		object.SetResourceVersion("")
		value, err := json.Marshal(object)
		if err != nil {
			t.Fatal(err)
		}
		server.Put(t, datastore.Key(kind, object.GetNamespace(), object.GetName()), string(value))
		at++
	}
	fill(last)
}

// Tiers were captured as a table, blocks as rows of one.
func putTiersAndBlocks(t *testing.T, server *etcdtest.Server, folder string, at *int64) {
	t.Helper()
	for _, line := range strings.Split(read(t, filepath.Join(folder, "get-tier-wide.txt")), "\n")[1:] {
		if fields := strings.Fields(line); len(fields) == 2 && fields[0] != "exit" {
			server.Put(t, datastore.Prefix+"tiers/"+fields[0], fmt.Sprintf(`{"kind":"Tier","apiVersion":"projectcalico.org/v3","metadata":{"name":%q},"spec":{"order":%s}}`, fields[0], fields[1]))
			*at++
		}
	}
	for _, line := range strings.Split(read(t, filepath.Join(folder, "ipam-show-blocks.txt")), "\n") {
		if fields := strings.Fields(line); len(fields) > 3 && fields[1] == "Block" {
			server.Put(t, "/calico/ipam/v2/assignment/ipv4/block/"+strings.Replace(fields[3], "/", "-", 1), fmt.Sprintf(`{"cidr":%q,"affinity":"host:n1","allocations":[null,null],"unallocated":[0,1],"attributes":[]}`, fields[3]))
			*at++
		}
	}
}

func revision(t *testing.T, object calico.Resource) int64 {
	t.Helper()
	number, err := strconv.ParseInt(object.GetResourceVersion(), 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", object.GetName(), err)
	}
	return number
}

func useEnvironment(t *testing.T, server *etcdtest.Server) {
	t.Helper()
	for name, value := range server.Environment() {
		t.Setenv(name, value)
	}
}

// output runs a command line and returns all that it printed and its exit code, as the
// captures have it.
func output(t *testing.T, command, input string) string {
	t.Helper()
	var printed bytes.Buffer
	code := Run(context.Background(), strings.Fields(command), Streams{In: strings.NewReader(input), Out: &printed, Err: &printed})
	return fmt.Sprintf("%sexit %d\n", printed.String(), code)
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}
