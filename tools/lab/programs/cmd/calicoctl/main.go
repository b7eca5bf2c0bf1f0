// Command calicoctl is the lab's stand-in for Calico's own.
package main

import (
	"context"
	"os"

	"calico-chatops/lab/internal/calicoctl"
)

func main() {
	os.Exit(calicoctl.Run(context.Background(), os.Args[1:], calicoctl.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
