package dataplane

import (
	"context"
	"os"
	"os/exec"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"calico-chatops/lab/internal/felix/active"
	"calico-chatops/lab/internal/felix/rules"
)

// ownNamespace moves the test into a network namespace of its own; the thread dies with the
// test, and the namespace with it.
func ownNamespace(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Skip("no network namespace: ", err)
	}
	command(t, "ip", "link", "set", "lo", "up")
}

func command(t *testing.T, parts ...string) string {
	t.Helper()
	output, err := exec.Command(parts[0], parts[1:]...).Output()
	if err != nil {
		t.Fatalf("%s: %v", strings.Join(parts, " "), err)
	}
	return string(output)
}

var noise = regexp.MustCompile(`(?m)^#.*\n|\[\d+:\d+\]`)

// state is what the kernel has, without counters.
func state(t *testing.T, backend Backend) string {
	return noise.ReplaceAllString(command(t, "iptables-"+string(backend)+"-save"), "")
}

var config = rules.Config{InterfacePrefix: "cali", IPIP: true, EndpointToHostAction: "ACCEPT"}

func onePod(profile rules.Profile) rules.Node {
	return rules.Node{
		Endpoints: []rules.Endpoint{{Interface: "cali0a1b2c3d4e5", Profiles: []string{"kns.default"}}},
		Profiles:  []rules.Profile{profile},
	}
}

func allowing() rules.Profile {
	allow := []rules.PolicyRule{{Action: "Allow"}}
	return rules.Profile{Name: "kns.default", Ingress: allow, Egress: allow}
}

func dropping() rules.Profile {
	drop := []rules.PolicyRule{{Action: "Deny"}}
	return rules.Profile{Name: "kns.default", Ingress: drop, Egress: drop}
}

func program(t *testing.T, tables *Tables, node rules.Node) (changed bool) {
	t.Helper()
	if err := SyncSets(context.Background(), rules.IPv4, active.StaticSets(active.NewWorld(nil), "n", config, nil)); err != nil {
		t.Fatal(err)
	}
	changed, err := tables.SyncAll(context.Background(), rules.Render(config, node))
	if err != nil {
		t.Fatal(err)
	}
	return changed
}

func TestProgrammingTwiceChangesNothing(t *testing.T) {
	for _, backend := range []Backend{Legacy, NFT} {
		t.Run(string(backend), func(t *testing.T) {
			ownNamespace(t)
			tables := NewTables(backend, rules.IPv4)
			if !program(t, tables, onePod(allowing())) {
				t.Fatal("nothing programmed")
			}
			first := state(t, backend)
			if program(t, tables, onePod(allowing())) || state(t, backend) != first {
				t.Errorf("programming the same again changed something:\n%s", state(t, backend))
			}
			if count := strings.Count(first, "-A FORWARD "); count != 3 {
				t.Errorf("%d rules in FORWARD", count)
			}
		})
	}
}

// Every match that a policy can ask for is one that the kernel takes.
func TestEveryMatchIsProgrammed(t *testing.T) {
	ports := strings.Split(strings.Repeat("80,", 20)+"90:99", ",")
	peer := rules.Peer{
		Nets: []string{"10.0.0.0/8", "11.0.0.0/8"}, NotNets: []string{"10.1.0.0/16"},
		Sets: []string{"cali40s:members"}, NotSets: []string{"cali40s:members"},
		Ports: ports, NotPorts: []string{"22", "1000:2000"}, NamedPorts: []string{"cali40n:ports"}, NotNamedPorts: []string{"cali40n:ports"},
	}
	policy := rules.Policy{ID: rules.PolicyID{Kind: "GlobalNetworkPolicy", Name: "everything"}, Ingress: []rules.PolicyRule{
		{Action: "Log", Protocol: "tcp", Source: peer, Destination: peer, Annotations: []string{"why=\"so\""}},
		{Action: "Allow", Protocol: "icmp", ICMP: "8/0"}, {Action: "Pass", Protocol: "icmp", NotICMP: "3"},
		{Action: "Deny", NotProtocol: "sctp"}, {Action: "Deny", Protocol: "132"}, {Action: "Deny", Protocol: "udplite"},
	}}
	node := onePod(allowing())
	node.Policies = []rules.Policy{policy}
	node.Endpoints[0].Ingress = []rules.Tier{{Name: "default", Policies: []rules.PolicyRef{{ID: policy.ID}}}}
	sets := []active.Set{
		{Name: "cali40s:members", Type: "hash:net", Members: []string{"10.0.0.1", "192.168.0.0/16"}},
		{Name: "cali40n:ports", Type: "hash:ip,port", Members: []string{"10.0.0.1,tcp:8080"}},
	}
	sets = append(sets, active.StaticSets(active.NewWorld(nil), "n", config, nil)...)
	for _, backend := range []Backend{Legacy, NFT} {
		t.Run(string(backend), func(t *testing.T) {
			ownNamespace(t)
			for range 2 { // the second time nothing may differ
				if err := SyncSets(context.Background(), rules.IPv4, sets); err != nil {
					t.Fatal(err)
				}
			}
			tables := NewTables(backend, rules.IPv4)
			for _, wanted := range []bool{true, false} {
				if changed, err := tables.SyncAll(context.Background(), rules.Render(config, node)); err != nil || changed != wanted {
					t.Fatal(changed, err)
				}
			}
			if err := RemoveSets(context.Background(), rules.IPv4, nil); err == nil {
				t.Error("sets in use were removed")
			}
		})
	}
}

func TestRepairsWhatWasEdited(t *testing.T) {
	edits := map[string][]string{
		"hook deleted":         {"-D", "FORWARD", "1"},
		"hook doubled":         {"-A", "FORWARD", "-j", "cali-FORWARD"},
		"rule deleted":         {"-D", "cali-tw-cali0a1b2c3d4e5", "2"},
		"foreign rule":         {"-I", "cali-FORWARD", "-j", "DROP"},
		"chain emptied":        {"-F", "cali-pri-kns.default"},
		"rule before the hook": {"-I", "FORWARD", "-m", "comment", "--comment", "host firewall", "-j", "DROP"},
	}
	for _, backend := range []Backend{Legacy, NFT} {
		for name, edit := range edits {
			t.Run(string(backend)+" "+name, func(t *testing.T) {
				ownNamespace(t)
				tables := NewTables(backend, rules.IPv4)
				program(t, tables, onePod(allowing()))
				before := state(t, backend)
				command(t, append([]string{"iptables-" + string(backend)}, edit...)...)
				if state(t, backend) == before {
					t.Fatal("the edit changed nothing")
				}
				program(t, tables, onePod(allowing()))
				after := state(t, backend)
				if name == "rule before the hook" {
					hook := strings.Index(after, "-A FORWARD -m comment --comment \"cali:wUHhoiAYhphO9Mso\"")
					foreign := strings.Index(after, "host firewall")
					if hook < 0 || foreign < hook {
						t.Errorf("the hook is not first, or the foreign rule is gone:\n%s", after)
					}
				} else if after != before {
					t.Errorf("not repaired:\n%s", after)
				}
			})
		}
	}
}

func TestChainsThatAreNotWantedGo(t *testing.T) {
	for _, backend := range []Backend{Legacy, NFT} {
		t.Run(string(backend), func(t *testing.T) {
			ownNamespace(t)
			tables := NewTables(backend, rules.IPv4)
			program(t, tables, rules.Node{})
			empty := state(t, backend)
			program(t, tables, onePod(allowing()))
			program(t, tables, rules.Node{})
			if after := state(t, backend); sorted(after) != sorted(empty) {
				t.Errorf("left over:\n%s\nwanted:\n%s", after, empty)
			}
		})
	}
}

func sorted(text string) string {
	lines := strings.Split(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// The host's own packets pass cali-OUTPUT: what they counted must live on in legacy mode when
// another chain changes, and in the untouched rules of a chain that changes.
func TestCountersOfUntouchedRules(t *testing.T) {
	for _, backend := range []Backend{Legacy, NFT} {
		t.Run(string(backend), func(t *testing.T) {
			ownNamespace(t)
			tables := NewTables(backend, rules.IPv4)
			program(t, tables, onePod(allowing()))
			command(t, "ping", "-c", "3", "-i", "0.01", "127.0.0.1")
			counted := counterOf(t, backend, "cali-OUTPUT", 4)
			if counted == "[0:0]" {
				t.Fatal("nothing counted")
			}
			program(t, tables, onePod(dropping()))
			if now := counterOf(t, backend, "cali-OUTPUT", 4); now != counted {
				t.Errorf("untouched chain: %s became %s", counted, now)
			}
			command(t, "iptables-"+string(backend), "-D", "cali-OUTPUT", "6")
			program(t, tables, onePod(dropping()))
			now := counterOf(t, backend, "cali-OUTPUT", 4)
			if kept := now == counted; kept != (backend == Legacy) {
				t.Errorf("%s before its chain was repaired, %s after", counted, now)
			}
		})
	}
}

func counterOf(t *testing.T, backend Backend, chain string, position int) string {
	t.Helper()
	for _, line := range strings.Split(command(t, "iptables-"+string(backend)+"-save", "-c", "-t", "filter"), "\n") {
		if counter, rule, ok := strings.Cut(line, " "); ok && strings.HasPrefix(rule, "-A "+chain+" ") {
			if position--; position == 0 {
				return counter
			}
		}
	}
	t.Fatalf("no such rule in %s", chain)
	return ""
}

func TestRoutesToPods(t *testing.T) {
	ownNamespace(t)
	command(t, "ip", "link", "add", "cali0a1b2c3d4e5", "type", "veth", "peer", "name", "eth0")
	command(t, "ip", "link", "set", "cali0a1b2c3d4e5", "up")
	command(t, "ip", "link", "set", "eth0", "up")
	command(t, "ip", "route", "add", "10.244.1.5", "dev", "cali0a1b2c3d4e5")
	command(t, "ip", "route", "add", "blackhole", "10.244.1.0/26", "proto", "bird")
	endpoints := []active.Endpoint{{Interface: "cali0a1b2c3d4e5", Addresses: []string{"10.244.1.5/32"}}}
	up, err := UpInterfaces("cali")
	if err != nil || !slices.Equal(up, []string{"cali0a1b2c3d4e5"}) {
		t.Fatal(up, err)
	}
	command(t, "ip", "link", "set", "eth0", "down")
	// The kernel tells the other end a moment later, and on a busy machine much later.
	for deadline := time.Now().Add(30 * time.Second); ; {
		left, err := UpInterfaces("cali")
		if err == nil && len(left) == 0 {
			break
		}
		if err != nil || time.Now().After(deadline) {
			t.Fatal("an interface whose other end is down counts as up", left, err)
		}
	}
	command(t, "ip", "link", "set", "eth0", "up")
	for _, wanted := range []bool{true, false} {
		if changed, err := SyncRoutes(context.Background(), rules.IPv4, "cali", endpoints, up); changed != wanted || err != nil {
			t.Fatal(changed, err)
		}
	}
	routes := command(t, "ip", "route")
	if routes != "blackhole 10.244.1.0/26 proto bird \n10.244.1.5 dev cali0a1b2c3d4e5 scope link metric 1024 \n" {
		t.Errorf("routes: %q", routes)
	}
	if err := ConfigureInterface(rules.IPv4, "cali0a1b2c3d4e5"); err != nil {
		t.Error(err)
	}
	if _, err := SyncRoutes(context.Background(), rules.IPv4, "cali", nil, up); err != nil {
		t.Error(err)
	}
	if routes := command(t, "ip", "route"); routes != "blackhole 10.244.1.0/26 proto bird \n" {
		t.Errorf("routes after the pod went: %q", routes)
	}
}
