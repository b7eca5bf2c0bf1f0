// Package dataplane brings the kernel of a node to what Felix wants: tables, IP sets, routes
// and the settings of pods' interfaces. It works through the ordinary tools.
package dataplane

import (
	"bytes"
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

// A tool that hangs (a lock that somebody holds) must not hang Felix.
const commandLimit = 30 * time.Second

// run gives back what the tool prints on stdout; stderr is in the error only.
func run(ctx context.Context, input string, command ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, commandLimit)
	defer cancel()
	process := exec.CommandContext(ctx, command[0], command[1:]...)
	process.Stdin = strings.NewReader(input)
	var stdout, stderr bytes.Buffer
	process.Stdout, process.Stderr = &stdout, &stderr
	if err := process.Run(); err != nil {
		return "", fmt.Errorf("%s: %w: %s", strings.Join(command, " "), err, strings.TrimSpace(stderr.String()))
	}
	return stdout.String(), nil
}
