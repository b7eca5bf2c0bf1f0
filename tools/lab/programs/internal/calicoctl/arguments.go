// Package calicoctl is the lab's calicoctl: the same command line, output, error texts and exit
// codes as the real one, as far as it goes. What it does not do yet it refuses.
package calicoctl

import (
	"fmt"
	"strings"
)

const defaultConfig = "/etc/calico/calicoctl.cfg"

// arguments of a command: what is not an option, and the options by their long names without
// the dashes. An option that takes no value has the value "true".
type arguments struct {
	words   []string
	options map[string]string
}

func (given arguments) has(option string) bool { return given.options[option] != "" }

func (given arguments) config() string {
	if path := given.options["config"]; path != "" {
		return path
	}
	return defaultConfig
}

var shortOptions = map[byte]string{'o': "output", 'n': "namespace", 'A': "all-namespaces", 'a': "all-namespaces", 'c': "config", 'f': "filename", 'R': "recursive", 's': "skip-not-exists", 'p': "patch", 't': "type", 'l': "log-level", 'h': "help"}

var flags = map[string]bool{"all-namespaces": true, "recursive": true, "skip-not-exists": true, "skip-exists": true, "skip-empty": true, "allow-version-mismatch": true, "export": true, "help": true, "client": true, "show-blocks": true, "show-borrowed": true, "show-configuration": true, "show-all-ips": true, "show-problem-ips": true}

var valued = map[string]bool{"output": true, "namespace": true, "config": true, "filename": true, "patch": true, "type": true, "log-level": true, "ip": true, "kubeconfig": true, "context": true, "poll": true}

// parseArguments takes options anywhere, as -oVALUE, -o VALUE, --option=VALUE, --option VALUE.
func parseArguments(command []string) (arguments, error) {
	parsed := arguments{options: map[string]string{}}
	refused := fmt.Errorf("invalid option: 'calicoctl %s'. Use flag '--help' to read about a specific subcommand", strings.Join(command, " "))
	for i := 0; i < len(command); i++ {
		word := command[i]
		if word == "-" || !strings.HasPrefix(word, "-") {
			parsed.words = append(parsed.words, word)
			continue
		}
		name, value, given := strings.Cut(strings.TrimPrefix(word, "--"), "=")
		if !strings.HasPrefix(word, "--") {
			name, value = shortOptions[word[1]], strings.TrimPrefix(word[2:], "=")
			given = value != ""
		}
		switch {
		case flags[name] && !given:
			parsed.options[name] = "true"
		case valued[name] && given:
			parsed.options[name] = value
		case valued[name] && i+1 < len(command):
			i++
			parsed.options[name] = command[i]
		default:
			return arguments{}, refused
		}
	}
	return parsed, nil
}
