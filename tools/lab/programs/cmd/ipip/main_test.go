package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Two namespaces, "nodes" with an address of a tunnel each and a wire between them.
func TestPacketsCrossTheWireAsProtocol4(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("needs root for network namespaces")
	}
	program := filepath.Join(t.TempDir(), "ipip")
	run(t, "go", "build", "-o", program, ".")
	one, two := fmt.Sprintf("ipip-test-%d-1", os.Getpid()), fmt.Sprintf("ipip-test-%d-2", os.Getpid())
	for _, namespace := range []string{one, two} {
		run(t, "ip", "netns", "add", namespace)
		t.Cleanup(func() { run(t, "ip", "netns", "del", namespace) })
	}
	run(t, "ip", "-n", one, "link", "add", "eth0", "type", "veth", "peer", "name", "eth0", "netns", two)
	first := node(t, program, one, "10.251.0.1", "10.245.1.0")
	node(t, program, two, "10.251.0.2", "10.245.2.0")
	run(t, "ip", "-n", one, "route", "add", "10.245.2.0/26", "via", "10.251.0.2", "dev", "tunl0", "onlink")
	run(t, "ip", "-n", two, "route", "add", "10.245.1.0/26", "via", "10.251.0.1", "dev", "tunl0", "onlink")

	ping := []string{"ip", "netns", "exec", one, "ping", "-c1", "-W2", "-s1400", "-I", "10.245.1.0", "10.245.2.0"}
	run(t, ping...)

	run(t, "ip", "-n", one, "link", "set", "tunl0", "down")
	run(t, "ip", "netns", "exec", two, "sh", "-c", "ping -c1 -W1 10.245.1.0 >/dev/null && exit 1 || exit 0")
	run(t, "ip", "-n", one, "link", "set", "tunl0", "up")
	run(t, "ip", "-n", one, "route", "add", "10.245.2.0/26", "via", "10.251.0.2", "dev", "tunl0", "onlink")
	run(t, ping...)

	stop(t, first)
	if routes := run(t, "ip", "-n", one, "route"); !strings.Contains(routes, "dev tunl0") {
		t.Errorf("the end of the program took the routes:\n%s", routes)
	}
	startProgram(t, program, one, "10.251.0.1", "10.245.1.0")
	run(t, ping...)

	run(t, "ip", "netns", "exec", two, "iptables-legacy", "-A", "INPUT", "-p", "4", "-j", "DROP")
	if output, err := exec.Command(ping[0], ping[1:]...).CombinedOutput(); err == nil {
		t.Errorf("with protocol 4 dropped the ping still passes:\n%s", output)
	}
}

func node(t *testing.T, program, namespace, address, tunnel string) *exec.Cmd {
	t.Helper()
	run(t, "ip", "-n", namespace, "link", "set", "lo", "up")
	run(t, "ip", "-n", namespace, "addr", "add", address+"/24", "dev", "eth0")
	run(t, "ip", "-n", namespace, "link", "set", "eth0", "up")
	return startProgram(t, program, namespace, address, tunnel)
}

func startProgram(t *testing.T, program, namespace, address, tunnel string) *exec.Cmd {
	t.Helper()
	command := exec.Command("ip", "netns", "exec", namespace, program, "--address", tunnel, "--local", address)
	log := &strings.Builder{}
	command.Stderr = log
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { command.Process.Kill(); command.Wait() })
	deadline := time.Now().Add(10 * time.Second)
	for {
		output, _ := exec.Command("ip", "-n", namespace, "-o", "addr", "show", "dev", "tunl0", "up").Output()
		if strings.Contains(string(output), tunnel+"/32") && attached(namespace) {
			return command
		}
		if time.Now().After(deadline) {
			t.Fatalf("no tunl0 in %s", namespace)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

// attached is whether a program holds the TUN device: only then it has a carrier.
func attached(namespace string) bool {
	output, _ := exec.Command("ip", "-n", namespace, "-o", "link", "show", "tunl0").Output()
	return strings.Contains(string(output), "LOWER_UP")
}

func stop(t *testing.T, command *exec.Cmd) {
	t.Helper()
	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("end: %v", err)
	}
}

func run(t *testing.T, command ...string) string {
	t.Helper()
	output, err := exec.Command(command[0], command[1:]...).CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", strings.Join(command, " "), err, output)
	}
	return string(output)
}
