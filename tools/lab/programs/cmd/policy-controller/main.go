// Command policy-controller is the lab's stand-in for the policy controller of Calico 2.x.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"calico-chatops/lab/internal/policycontroller"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := policycontroller.Run(ctx, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
