package calicoctl

import (
	"bufio"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"
)

// birdTimeout bounds the wait for each line of BIRD's answer.
const birdTimeout = 2 * time.Second

// birdSockets are where BIRD listens in Calico's container and as a plain service.
var birdSockets = []string{"/var/run/calico/bird.ctl", "/var/run/bird/bird.ctl"}

var peerTypes = map[string]string{"Global": "global", "Mesh": "node-to-node mesh", "Node": "node specific"}

// printPeers asks BIRD for its protocols and shows those that are sessions Calico configured.
func printPeers(streams Streams, sockets []string) error {
	fmt.Fprintln(streams.Out, "\nIPv4 BGP status")
	var connection net.Conn
	var err error
	for _, socket := range sockets {
		if connection, err = net.Dial("unix", socket); err == nil {
			break
		}
	}
	if err != nil {
		fmt.Fprintf(streams.Out, "Error querying BIRD: unable to connect to BIRDv4 socket: %v", err)
		return nil
	}
	defer connection.Close()
	peers, err := askForPeers(connection)
	if err != nil {
		return fmt.Errorf("error executing command: %w", err)
	}
	if len(peers) == 0 {
		fmt.Fprintln(streams.Out, "No IPv4 peers found.")
		return nil
	}
	printBox(streams.Out, []string{"PEER ADDRESS", "PEER TYPE", "STATE", "SINCE", "INFO"}, peers, len(peers[0]))
	return nil
}

// askForPeers speaks BIRD's control protocol: a greeting 0001, then for the command a heading
// 2002, rows 1002 (those after the first begin with a blank), and 0000 as the end.
func askForPeers(connection net.Conn) ([][]string, error) {
	if _, err := fmt.Fprint(connection, "show protocols\n"); err != nil {
		return nil, fmt.Errorf("unable to write to BIRD socket: %w", err)
	}
	var peers [][]string
	lines := bufio.NewScanner(connection)
	for {
		if err := connection.SetReadDeadline(time.Now().Add(birdTimeout)); err != nil {
			return nil, err
		}
		if !lines.Scan() {
			return peers, lines.Err()
		}
		line := lines.Text()
		switch {
		case strings.HasPrefix(line, "0000"):
			return peers, nil
		case strings.HasPrefix(line, "0001"), strings.HasPrefix(line, "2002"):
		case strings.HasPrefix(line, "1002"), strings.HasPrefix(line, " "):
			if peer, ok := peerOf(strings.TrimPrefix(line, "1002-")); ok {
				peers = append(peers, peer)
			}
		default:
			return nil, errors.New("unexpected output line from BIRD")
		}
	}
}

// peerOf reads a row "Mesh_10_0_0_2 BGP master up 2026-01-01 Established".
func peerOf(row string) ([]string, bool) {
	columns := strings.Fields(row)
	if len(columns) < 6 || columns[1] != "BGP" {
		return nil, false
	}
	kind, address, found := strings.Cut(columns[0], "_")
	shown, known := peerTypes[kind]
	return []string{strings.ReplaceAll(address, "_", "."), shown, columns[3], columns[4], strings.Join(columns[5:], " ")}, found && known
}
