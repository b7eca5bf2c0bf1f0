// Command typha plays Calico's Typha on a node of the lab: Felix connects to it, and takes what changes for as long as
// the connection stands. What changed, this Felix reads itself.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"calico-chatops/lab/internal/felix/felixlog"
	"calico-chatops/lab/internal/typha"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	log := felixlog.New(os.Stdout)
	if err := typha.Serve(ctx, log, typha.ServerFromEnvironment()); err != nil {
		log.Log(felixlog.Fatal, "daemon.go 291", "Typha failed", felixlog.Field{Key: "error", Value: err})
		os.Exit(1)
	}
}
