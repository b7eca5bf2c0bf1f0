package calicoctl

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// nodeStatus tells whether Calico runs on this node.
func nodeStatus(streams Streams) error {
	if os.Geteuid() != 0 {
		return errors.New("need super user privileges: operation not permitted")
	}
	running, err := processNames()
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
	return errors.New("calicoctl node status with BIRD: not yet")
}

func processNames() (map[string]bool, error) {
	paths, err := filepath.Glob("/proc/[0-9]*/comm")
	if err != nil {
		return nil, err
	}
	names := map[string]bool{}
	for _, path := range paths {
		if name, err := os.ReadFile(path); err == nil { // a process may have ended meanwhile
			names[strings.TrimSpace(string(name))] = true
		}
	}
	return names, nil
}
