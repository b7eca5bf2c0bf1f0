package daemon

import (
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/felix/capturetest"
)

const mypod = "cali4e199eba087"

// onBackends runs the check on a healthy n1 that is programmed, on each backend.
func onBackends(t *testing.T, backends []string, check func(t *testing.T, node *node)) {
	for _, backend := range backends {
		t.Run(backend, func(t *testing.T) {
			if inOwnNamespace(t) {
				node := startNode(t, "healthy-"+backend, "n1", backend)
				until(t, "first update", func() bool { return node.log.has(firstUpdate) })
				check(t, node)
			}
		})
	}
}

func onBothBackends(t *testing.T, check func(t *testing.T, node *node)) {
	onBackends(t, []string{"legacy", "nft"}, check)
}

func onEveryBackend(t *testing.T, check func(t *testing.T, node *node)) {
	onBackends(t, []string{"legacy", "nft", "nftables"}, check)
}

func TestDeletedProfileDrops(t *testing.T) {
	onEveryBackend(t, func(t *testing.T, node *node) {
		node.delete(t, "Profile", "", "kns.default")
		missing := capturedChains(t, "profile-missing-rbac-"+node.backend, "n1", node.backend)
		chain := node.chainName("cali-pri-kns.default")
		until(t, "stand-in drop", func() bool { return reflect.DeepEqual(node.chains(t)[chain], missing[chain]) })
		if !node.log.has(`generating default-drop profile. (This can happen transiently when a Kubernetes namespace is deleted.) profileID="kns.default"`) {
			t.Errorf("not in the log:\n%s", node.log)
		}
		for _, resource := range capturetest.Resources(t, "healthy-"+node.backend) {
			if resource.GetName() == "kns.default" {
				node.put(t, resource)
			}
		}
		healthy := capturedChains(t, "healthy-"+node.backend, "n1", node.backend)
		until(t, "allowing profile", func() bool { return reflect.DeepEqual(node.chains(t), healthy) })
	})
}

func TestRefreshRepairs(t *testing.T) {
	onEveryBackend(t, func(t *testing.T, node *node) {
		before, routes := node.chains(t), command(t, "ip", "route")
		if node.backend == "nftables" {
			command(t, "nft", "flush chain ip calico filter-FORWARD; flush chain ip calico filter-cali-tw-"+mypod)
		} else {
			command(t, "iptables-"+node.backend, "-D", "FORWARD", "1")
			command(t, "iptables-"+node.backend, "-D", "cali-tw-"+mypod, "4")
		}
		command(t, "ip", "route", "del", "10.244.1.5")
		until(t, "repair", func() bool {
			return reflect.DeepEqual(node.chains(t), before) && command(t, "ip", "route") == routes
		})
	})
}

func TestEndpointGoes(t *testing.T) {
	onEveryBackend(t, func(t *testing.T, node *node) {
		node.delete(t, "WorkloadEndpoint", "default", "n1-k8s-mypod-eth0")
		until(t, "end of the pod's chains", func() bool {
			_, there := node.chains(t)[node.chainName("cali-tw-"+mypod)]
			return !there
		})
		until(t, "end of the pod's route", func() bool { return !strings.Contains(command(t, "ip", "route"), mypod) })
		dispatch := node.chains(t)[node.chainName("cali-to-wl-dispatch")]
		if strings.Contains(strings.Join(dispatch, "\n"), mypod) || !strings.Contains(dispatch[len(dispatch)-1], "Unknown interface") {
			t.Errorf("dispatch %q", dispatch)
		}
	})
}

func TestInterfaceComesUp(t *testing.T) {
	onBothBackends(t, func(t *testing.T, node *node) {
		command(t, "ip", "link", "set", mypod, "down")
		command(t, "sysctl", "-qw", "net.ipv4.conf."+mypod+".proxy_arp=0")
		command(t, "ip", "link", "set", mypod, "up")
		until(t, "route and setting", func() bool {
			return strings.Contains(command(t, "ip", "route"), "10.244.1.5 dev "+mypod+" scope link metric 1024") &&
				strings.TrimSpace(command(t, "sysctl", "-n", "net.ipv4.conf."+mypod+".proxy_arp")) == "1"
		})
	})
}

func TestRouteGoesWhileThePodsEndIsDown(t *testing.T) {
	onBothBackends(t, func(t *testing.T, node *node) {
		node.stop()
		t.Setenv("FELIX_ROUTEREFRESHINTERVAL", "0") // the change alone makes Felix act
		node.start(t)
		until(t, "another first update", func() bool { return strings.Count(node.log.String(), firstUpdate) == 2 })
		other, route := otherEnd(mypod), "10.244.1.5 dev "+mypod
		command(t, "ip", "link", "set", other, "down")
		until(t, "end of the route", func() bool { return !strings.Contains(command(t, "ip", "route"), route) })
		command(t, "ip", "link", "set", other, "up")
		until(t, "route", func() bool { return strings.Contains(command(t, "ip", "route"), route) })
	})
}

func TestLostDatastoreKeepsTheRules(t *testing.T) {
	onBothBackends(t, func(t *testing.T, node *node) {
		before := node.chains(t)
		node.etcd.Stop()
		until(t, "word of the lost datastore", func() bool { return node.log.has("Connection to datastore has failed") })
		if !reflect.DeepEqual(node.chains(t), before) {
			t.Error("the rules changed")
		}
		if status, _ := get(t, "http://127.0.0.1:9099/liveness"); status != 200 {
			t.Errorf("liveness %d", status)
		}
		node.stop()
		if !reflect.DeepEqual(node.chains(t), before) {
			t.Error("the rules went with Felix")
		}
	})
}

func TestEndsAndWaitsUntilTheDatastoreIsReady(t *testing.T) {
	onBothBackends(t, func(t *testing.T, node *node) {
		information := clusterInformation(t, node.backend)
		ready := false
		information.Spec.DatastoreReady = &ready
		before := node.chains(t)
		node.put(t, information)
		if err := <-node.ended; !errors.Is(err, errDatastoreUnready) {
			t.Fatalf("ended with %v", err)
		}
		if !reflect.DeepEqual(node.chains(t), before) {
			t.Error("the rules went with Felix")
		}
		node.start(t)
		until(t, "waiting", func() bool { return node.log.has("Waiting for datastore to be initialized (or migrated)") })
		until(t, "readiness while it waits", func() bool {
			status, _ := get(t, "http://127.0.0.1:9099/readiness")
			return status == 200
		})
		node.delete(t, "WorkloadEndpoint", "default", "n1-k8s-mypod-eth0")
		if _, there := node.chains(t)[node.chainName("cali-tw-"+mypod)]; !there {
			t.Error("programmed while the datastore was not ready")
		}
		ready = true
		node.put(t, information)
		until(t, "programming", func() bool {
			_, there := node.chains(t)[node.chainName("cali-tw-"+mypod)]
			return !there
		})
	})
}

func clusterInformation(t *testing.T, backend string) *calico.ClusterInformation {
	resources := capturetest.Resources(t, "healthy-"+backend)
	index := slices.IndexFunc(resources, func(one calico.Resource) bool { _, is := one.(*calico.ClusterInformation); return is })
	return resources[index].(*calico.ClusterInformation)
}
