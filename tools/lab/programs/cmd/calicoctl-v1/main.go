// Command calicoctl-v1 is the lab's stand-in for calicoctl of Calico 2.x.
package main

import (
	"context"
	"os"

	"calico-chatops/lab/internal/calicoctl"
	"calico-chatops/lab/internal/calicoctlv1"
)

func main() {
	os.Exit(calicoctlv1.Run(context.Background(), os.Args[1:], calicoctl.Streams{In: os.Stdin, Out: os.Stdout, Err: os.Stderr}))
}
