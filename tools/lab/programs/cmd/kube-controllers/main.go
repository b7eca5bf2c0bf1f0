// Command kube-controllers is the lab's stand-in for Calico's own.
package main

import (
	"context"
	"flag"
	"os"
	"os/signal"
	"syscall"

	"calico-chatops/lab/internal/kubecontrollers"
)

func main() {
	statusFile := flag.String("status-file", "/status/status.json", "file that says which components are ready")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := kubecontrollers.Run(ctx, os.Stdout, *statusFile); err != nil {
		os.Exit(1)
	}
}
