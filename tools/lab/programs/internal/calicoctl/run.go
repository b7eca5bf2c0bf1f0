package calicoctl

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
)

// Streams are where a command reads and writes.
type Streams struct {
	In       io.Reader
	Out, Err io.Writer
}

// Run runs one command line (without the program's name) and returns the exit code.
func Run(ctx context.Context, command []string, streams Streams) int {
	err := run(ctx, command, streams)
	if err == nil {
		return 0
	}
	if !errors.Is(err, errPrinted) {
		fmt.Fprintf(streams.Err, "%s\n", err)
	}
	return 1
}

func run(ctx context.Context, command []string, streams Streams) error {
	given, err := parseArguments(command)
	if err != nil {
		return err
	}
	if len(given.words) == 0 {
		return errors.New("invalid option: 'calicoctl'. Use flag '--help' to read about a specific subcommand")
	}
	name := given.words[0]
	given.words = given.words[1:]
	if writing, ok := verbs[name]; ok {
		return write(ctx, writing, given, streams)
	}
	switch name {
	case "get":
		return get(ctx, given, streams)
	case "patch":
		return patch(ctx, given, streams)
	case "version":
		return version(ctx, given, streams)
	}
	switch subcommand := strings.Join(append([]string{name}, given.words...), " "); subcommand {
	case "ipam show":
		return ipamShow(ctx, given, streams)
	case "ipam check":
		return ipamCheck(given)
	case "node status":
		return nodeStatus(streams, "/proc")
	case "datastore migrate lock":
		return lock(ctx, given, streams, false)
	case "datastore migrate unlock":
		return lock(ctx, given, streams, true)
	default:
		return fmt.Errorf("calicoctl %s: not yet", subcommand)
	}
}
