package kubeletexec

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/remotecommand"
	utilexec "k8s.io/utils/exec"
)

// container is a process that has a root of its own.
type container struct {
	// Process is its number in the process namespace of this program.
	Process int `json:"process"`
	// Wrapper runs the command with the container's capabilities.
	Wrapper []string `json:"wrapper"`
}

func readContainer(file string) (*container, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var found container
	if err := json.Unmarshal(text, &found); err != nil {
		return nil, err
	}
	if err := syscall.Kill(found.Process, 0); err != nil {
		return nil, fmt.Errorf("process %d: %w", found.Process, err)
	}
	return &found, nil
}

// ExecInContainer runs a command until it ends. As with containerd, a client that is gone closes
// its standard input, and the command is not killed.
func (c *container) ExecInContainer(_ context.Context, _ string, _ types.UID, _ string, argv []string, in io.Reader, out, complaints io.WriteCloser, _ bool, _ <-chan remotecommand.TerminalSize, _ time.Duration) error {
	if len(argv) == 0 {
		return fmt.Errorf("no command")
	}
	enter := append([]string{"--target", strconv.Itoa(c.Process), "--mount", "--root", "--wd=/", "--"}, c.Wrapper...)
	command := exec.Command("nsenter", append(enter, argv...)...)
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.WaitDelay = 5 * time.Second
	if out != nil {
		command.Stdout = out
	}
	if complaints != nil {
		command.Stderr = complaints
	}
	if in != nil {
		// Not as command.Stdin: Wait would wait for the client to close it.
		input, err := command.StdinPipe()
		if err != nil {
			return err
		}
		go func() {
			_, _ = io.Copy(input, in)
			input.Close()
		}()
	}
	return exitOf(command.Run())
}

func exitOf(err error) error {
	var ended *exec.ExitError
	if !errors.As(err, &ended) || !ended.Exited() {
		return err
	}
	return utilexec.CodeExitError{Err: err, Code: ended.ExitCode()}
}
