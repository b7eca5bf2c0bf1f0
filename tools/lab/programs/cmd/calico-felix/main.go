// Command calico-felix plays Calico's Felix on a node of the lab: it programs what the
// datastore says with the same chains, IP sets and routes as the real one.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"calico-chatops/lab/internal/felix/daemon"
	"calico-chatops/lab/internal/felix/felixlog"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	log := felixlog.New(os.Stdout)
	if err := daemon.Run(ctx, log); err != nil {
		log.Log(felixlog.Fatal, "daemon.go 380", "Felix failed", felixlog.Field{Key: "error", Value: err})
		os.Exit(1)
	}
}
