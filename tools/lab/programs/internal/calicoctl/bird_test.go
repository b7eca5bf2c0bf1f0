package calicoctl

import (
	"bufio"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// birdAnswering listens as BIRD does and answers one command.
func birdAnswering(t *testing.T, answer string) string {
	t.Helper()
	socket := filepath.Join(t.TempDir(), "bird.ctl")
	listener, err := net.Listen("unix", socket)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		connection, err := listener.Accept()
		if err != nil {
			return
		}
		defer connection.Close()
		connection.Write([]byte("0001 BIRD 1.6.8 ready.\n"))
		if command, _ := bufio.NewReader(connection).ReadString('\n'); command == "show protocols\n" {
			connection.Write([]byte(answer))
		}
	}()
	return socket
}

func TestShowsPeers(t *testing.T) {
	var printed strings.Builder
	socket := birdAnswering(t, "2002-name     proto    table    state  since       info\n1002-static1  Static   master   up     14:00:00\n Mesh_10_250_0_12 BGP      master   up     14:00:04    Established   \n Node_10_9_0_1 BGP      master   start  14:00:00    Active        Socket: Connection refused\n0000 \n")
	if err := printPeers(Streams{Out: &printed}, []string{"/nowhere", socket}); err != nil {
		t.Fatal(err)
	}
	want := `
IPv4 BGP status
+--------------+-------------------+-------+----------+-----------------------------------+
| PEER ADDRESS | PEER TYPE         | STATE | SINCE    | INFO                              |
+--------------+-------------------+-------+----------+-----------------------------------+
| 10.250.0.12  | node-to-node mesh | up    | 14:00:04 | Established                       |
| 10.9.0.1     | node specific     | start | 14:00:00 | Active Socket: Connection refused |
+--------------+-------------------+-------+----------+-----------------------------------+
`
	if printed.String() != want {
		t.Errorf("printed\n%s", printed.String())
	}
}

func TestShowsThatThereAreNoPeersOrNoBIRD(t *testing.T) {
	for want, socket := range map[string]string{
		"\nIPv4 BGP status\nNo IPv4 peers found.\n": birdAnswering(t, "2002-name proto table state since info\n1002-device1 Device master up 14:00:00\n0000 \n"),
		"\nIPv4 BGP status\nError querying BIRD: unable to connect to BIRDv4 socket: dial unix /nowhere: connect: no such file or directory": "/nowhere",
	} {
		var printed strings.Builder
		if err := printPeers(Streams{Out: &printed}, []string{socket}); err != nil || printed.String() != want {
			t.Errorf("printed %q %v, want %q", printed.String(), err, want)
		}
	}
}

func TestNodeStatusLooksForFelix(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root, as the command does")
	}
	proc := t.TempDir()
	var printed strings.Builder
	err := nodeStatus(Streams{Out: &printed}, proc)
	if want := captured(t, "node-status"); err == nil || err.Error()+"\nexit 1\n" != want || printed.String() != "" {
		t.Errorf("without Felix: %v, the real one %q", err, want)
	}
	if err := os.Mkdir(proc+"/7", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(proc+"/7/cmdline", []byte("/opt/calico-felix\x00"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := nodeStatus(Streams{Out: &printed}, proc); err != nil || printed.String() != "Calico process is running.\n\nThe BGP backend process (BIRD) is not running.\n" {
		t.Errorf("with Felix alone: %v %q", err, printed.String())
	}
}
