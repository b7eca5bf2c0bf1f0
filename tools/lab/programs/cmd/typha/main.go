// Command typha plays Calico's Typha on a node of the lab: it reads the datastore with the rights of its own account, and
// passes what it reads on to every Felix that connects.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"

	"calico-chatops/lab/internal/datastore"
	"calico-chatops/lab/internal/felix/felixlog"
	"calico-chatops/lab/internal/kdd"
	"calico-chatops/lab/internal/typha"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	log := felixlog.Of("typha", os.Stdout)
	store, err := kdd.Connect(datastore.ConfigFromEnvironment().Kubeconfig)
	if err == nil {
		err = typha.Serve(ctx, log, typha.ServerFromEnvironment(), store)
	}
	if err != nil {
		log.Log(felixlog.Fatal, "daemon.go 291", "Typha failed", felixlog.Field{Key: "error", Value: err})
		os.Exit(1)
	}
}
