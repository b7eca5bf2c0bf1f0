package daemon

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
	"calico-chatops/lab/internal/etcdtest"
	"calico-chatops/lab/internal/felix/capturetest"
	"calico-chatops/lab/internal/felix/felixlog"
)

// node is a node in the test's namespace, with Felix running on it.
type node struct {
	etcd    *etcdtest.Server
	log     *logBuffer
	backend string
	stop    func()
	// ended gives what Run returned.
	ended <-chan error
}

// startNode plays node n1 or n2 of a capture: its devices and addresses, its datastore, Felix.
func startNode(t *testing.T, scenario, name, backend string) *node {
	t.Helper()
	resources := capturetest.Resources(t, scenario)
	started := &node{etcd: etcdtest.Start(t), log: &logBuffer{}, backend: backend}
	addresses := []string{}
	for _, resource := range resources {
		started.put(t, resource)
		switch one := resource.(type) {
		case *calico.Node:
			if one.Name == name {
				addresses = append(addresses, one.Spec.BGP.IPv4Address, one.Spec.BGP.IPv4IPIPTunnelAddr+"/32")
			}
		case *calico.WorkloadEndpoint:
			if one.Spec.Node == name {
				addDevice(t, one.Spec.InterfaceName)
			}
		}
	}
	addDevice(t, "eth0")
	for _, address := range addresses {
		command(t, "ip", "addr", "add", address, "dev", "eth0")
	}
	settings := started.etcd.Environment()
	mode := "Disabled"
	if backend == "nftables" {
		backend, mode = "nft", "Enabled"
	}
	maps.Copy(settings, map[string]string{
		"FELIX_FELIXHOSTNAME": name, "FELIX_IPTABLESBACKEND": backend, "FELIX_NFTABLESMODE": mode, "FELIX_HEALTHENABLED": "true",
		"FELIX_HEALTHHOST": "127.0.0.1", "FELIX_ROUTEREFRESHINTERVAL": "1", "FELIX_IPTABLESREFRESHINTERVAL": "1",
	})
	for variable, value := range settings {
		t.Setenv(variable, value)
	}
	started.start(t)
	return started
}

func (node *node) start(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() {
		defer close(ended)
		ended <- Run(ctx, felixlog.New(node.log))
	}()
	node.ended = ended
	node.stop = sync.OnceFunc(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(node.stop)
}

func (node *node) put(t *testing.T, resource calico.Resource) {
	t.Helper()
	kind, known := calico.KindNamed(resource.GetObjectKind().GroupVersionKind().Kind)
	if !known {
		t.Fatal("unknown kind")
	}
	value, err := json.Marshal(resource)
	if err != nil {
		t.Fatal(err)
	}
	node.etcd.Put(t, datastore.Key(kind, resource.GetNamespace(), resource.GetName()), string(value))
}

func (node *node) delete(t *testing.T, kindName, namespace, name string) {
	t.Helper()
	kind, _ := calico.KindNamed(kindName)
	if _, err := node.etcd.Client.Delete(context.Background(), datastore.Key(kind, namespace, name)); err != nil {
		t.Fatal(err)
	}
}

func (node *node) chains(t *testing.T) map[string][]string {
	t.Helper()
	if node.backend == "nftables" {
		return capturetest.NativeChains([]byte(command(t, "nft", "list", "ruleset")))
	}
	return capturetest.Chains([]byte(command(t, "iptables-"+node.backend+"-save", "-c")))
}

// chainName is the name by which chains has a chain of the filter table.
func (node *node) chainName(chain string) string {
	if node.backend == "nftables" {
		return "ip calico chain filter-" + chain
	}
	return "filter " + chain
}

// addDevice adds a device that is up, with its other end, as a pod's interface has one.
func addDevice(t *testing.T, name string) {
	t.Helper()
	peer := otherEnd(name)
	command(t, "ip", "link", "add", name, "type", "veth", "peer", "name", peer)
	command(t, "ip", "link", "set", name, "up")
	command(t, "ip", "link", "set", peer, "up")
}

func otherEnd(name string) string { return "p" + strings.TrimPrefix(name, "cali") }

// patience only decides when to give up: a busy machine may take its time.
const patience = 2 * time.Minute

// until waits for a condition.
func until(t *testing.T, what string, condition func() bool) {
	t.Helper()
	for end := time.Now().Add(patience); !condition(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("no %s within %v", what, patience)
		}
	}
}

// logBuffer collects the log of a running Felix.
type logBuffer struct {
	mutex sync.Mutex
	text  bytes.Buffer
}

func (buffer *logBuffer) Write(line []byte) (int, error) {
	buffer.mutex.Lock()
	defer buffer.mutex.Unlock()
	return buffer.text.Write(line)
}

func (buffer *logBuffer) String() string {
	buffer.mutex.Lock()
	defer buffer.mutex.Unlock()
	return buffer.text.String()
}

func (buffer *logBuffer) has(text string) bool { return strings.Contains(buffer.String(), text) }

func sortedMembers(sets map[string][]string) map[string][]string {
	for _, members := range sets {
		slices.Sort(members)
	}
	return sets
}
