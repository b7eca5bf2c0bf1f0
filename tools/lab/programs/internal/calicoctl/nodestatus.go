package calicoctl

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// nodeStatus tells whether Calico runs on this node and how its BGP sessions stand. proc is
// where the kernel shows the processes.
func nodeStatus(streams Streams, proc string) error {
	if os.Geteuid() != 0 {
		return errors.New("need super user privileges: operation not permitted")
	}
	running, err := programs(proc)
	if err != nil {
		return err
	}
	if !running["calico-felix"] && !running["calico-node"] {
		return errors.New("Calico process is not running.") //nolint:staticcheck // calicoctl's own words
	}
	fmt.Fprintln(streams.Out, "Calico process is running.")
	if !running["bird"] {
		fmt.Fprintln(streams.Out, "\nThe BGP backend process (BIRD) is not running.")
		return nil
	}
	if err := printPeers(streams, birdSockets); err != nil {
		return err
	}
	fmt.Fprintln(streams.Out, "\nINFO: BIRDv6 process: 'bird6' is not running.")
	fmt.Fprintln(streams.Out)
	return nil
}

// programs are the names of the programs that run, as their command lines have them.
func programs(proc string) (map[string]bool, error) {
	paths, err := filepath.Glob(proc + "/[0-9]*/cmdline")
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, path := range paths {
		if line, err := os.ReadFile(path); err == nil { // a process may have ended meanwhile
			program, _, _ := bytes.Cut(line, []byte{0})
			names[filepath.Base(string(program))] = true
		}
	}
	return names, nil
}
