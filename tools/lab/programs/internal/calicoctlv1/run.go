package calicoctlv1

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"

	"calico-chatops/lab/internal/calicoctl"
	"calico-chatops/lab/internal/datastore"
)

const settingsFile = "/etc/calico/calicoctl.cfg"

// What the lab plays: the last client that writes this version, and a cluster of it.
const (
	clientVersion  = "v1.6.5"
	clusterVersion = "v2.6.12"
)

// asked is a command line, as far as it is understood.
type asked struct {
	words                                  []string
	output, file                           string
	node, orchestrator, workload, settings string
}

var options = map[string]func(*asked) *string{
	"-o": output, "--output": output, "-f": file, "--filename": file, "-n": node, "--node": node,
	"--orchestrator": func(given *asked) *string { return &given.orchestrator },
	"--workload":     func(given *asked) *string { return &given.workload },
	"-c":             settings, "--config": settings,
}

func output(given *asked) *string   { return &given.output }
func file(given *asked) *string     { return &given.file }
func node(given *asked) *string     { return &given.node }
func settings(given *asked) *string { return &given.settings }

// options of each command, and how many words follow it.
var commands = map[string]struct {
	options []string
	most    int
}{
	"version": {[]string{"-c", "--config"}, 0},
	"get":     {[]string{"-o", "--output", "-f", "--filename", "-n", "--node", "--orchestrator", "--workload", "-c", "--config"}, 2},
	"create":  {[]string{"-f", "--filename", "-c", "--config"}, 0},
	"apply":   {[]string{"-f", "--filename", "-c", "--config"}, 0},
	"delete":  {[]string{"-f", "--filename", "-n", "--node", "--orchestrator", "--workload", "-c", "--config"}, 2},
}

// Run runs one command line (without the program's name) and returns the exit code. It says all that
// it says on the standard output.
func Run(ctx context.Context, command []string, streams calicoctl.Streams) int {
	if slices.Equal(command, []string{"node", "status"}) {
		return calicoctl.Run(ctx, command, streams)
	}
	given, ok := parse(command)
	if !ok {
		_, _ = fmt.Fprintf(streams.Out, "Usage:\n  calicoctl [options] <command> [<args>...]\n"+
			"Invalid option: 'calicoctl %s'. Use flag '--help' to read about a specific subcommand.\n", strings.Join(command, " "))
		return 1
	}
	if err := run(ctx, command[0], given, streams); err != nil {
		_, _ = fmt.Fprintf(streams.Out, "%s\n", err)
		return 1
	}
	return 0
}

// parse refuses an option that the command does not have.
func parse(command []string) (asked, bool) {
	given := asked{output: "ps", settings: settingsFile}
	if len(command) == 0 {
		return given, false
	}
	known, there := commands[command[0]]
	if !there {
		return given, false
	}
	for at := 1; at < len(command); at++ {
		word := command[at]
		if word == "-" || !strings.HasPrefix(word, "-") {
			given.words = append(given.words, word)
			continue
		}
		name, value, hasValue := strings.Cut(word, "=")
		if !slices.Contains(known.options, name) {
			return given, false
		}
		if !hasValue {
			at++
			if at >= len(command) {
				return given, false
			}
			value = command[at]
		}
		*options[name](&given) = value
	}
	return given, len(given.words) <= known.most
}

func run(ctx context.Context, command string, given asked, streams calicoctl.Streams) error {
	if command == "version" {
		_, err := fmt.Fprintf(streams.Out, "Client Version:    %s\nBuild date:        2018-03-27T00:00:00+0000\n"+
			"Git commit:        0000000\nCluster Version:   %s\nCluster Type:      k8s,bgp\n", clientVersion, clusterVersion)
		return err
	}
	store, err := connect(given.settings)
	if err != nil {
		return fmt.Errorf("Failed to create Calico API client: %w", err) //nolint:staticcheck // the real one's words
	}
	defer store.Close()
	if command == "get" {
		objects, err := read(ctx, store, given)
		if err != nil {
			return fmt.Errorf("Failed to get resources: %w", err) //nolint:staticcheck // the real one's words
		}
		return show(streams.Out, given, objects)
	}
	return write(ctx, store, command, given, streams)
}

// connect reads settings of version 1, whose datastore the lab keeps in version 3 of etcd.
func connect(path string) (*datastore.Client, error) {
	config := datastore.ConfigFromEnvironment()
	text, err := os.ReadFile(path)
	if err == nil {
		var file struct {
			APIVersion string           `json:"apiVersion"`
			Kind       string           `json:"kind"`
			Metadata   map[string]any   `json:"metadata,omitempty"`
			Spec       datastore.Config `json:"spec"`
		}
		if err := yaml.UnmarshalStrict(text, &file); err != nil {
			return nil, err
		}
		if file.APIVersion != "v1" {
			return nil, fmt.Errorf("invalid config file: unknown APIVersion '%s'", file.APIVersion)
		}
		if file.Kind != "calicoApiConfig" {
			return nil, fmt.Errorf("invalid config file: expected kind 'calicoApiConfig', got '%s'", file.Kind)
		}
		config = file.Spec
	}
	if config.DatastoreType == "kubernetes" {
		return nil, errors.New("the lab's Calico 2.x has etcd alone")
	}
	config.DatastoreType = "etcdv3"
	return datastore.Connect(config)
}

func readInput(path string, input io.Reader) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(input)
	}
	return os.ReadFile(path)
}
