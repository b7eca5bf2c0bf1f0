// Package daemon is the stand-in's main program: it follows the datastore and keeps the
// node's kernel as the datastore wants it.
package daemon

import (
	"context"
	"errors"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"calico-chatops/lab/internal/felix/felixlog"
	"calico-chatops/lab/internal/felix/health"
	"calico-chatops/lab/internal/felix/settings"
)

// retryInterval is between attempts at what failed.
const retryInterval = time.Second

// endPause is between a failure and the end of the program: what starts it anew would give up on one that ends at once.
const endPause = 2 * time.Second

// errDatastoreUnready ends the program: started anew, it waits for the datastore.
var errDatastoreUnready = errors.New("datastore became unready")

// Daemon is what lives as long as the process.
type Daemon struct {
	log    *felixlog.Logger
	health *health.Aggregator
	start  time.Time
}

// Run works until the context ends; the rules then stay as they are, as with real Felix.
func Run(ctx context.Context, log *felixlog.Logger) error {
	ctx, end := context.WithCancel(ctx)
	defer end()
	daemon := &Daemon{log: log, health: health.NewAggregator(), start: time.Now()}
	resolved := settings.Resolve(os.Environ(), nil, nil)
	log.SetLevel(felixlog.ParseLevel(resolved.Settings.LogSeverityScreen))
	resolved.Log(log)
	if resolved.Settings.HealthEnabled {
		go daemon.serveHealth(ctx, net.JoinHostPort(resolved.Settings.HealthHost, strconv.Itoa(resolved.Settings.HealthPort)))
	}
	client, err := connect()
	for ; err != nil; client, err = connect() {
		log.Log(felixlog.Error, "daemon.go 236", "Failed to create datastore client", felixlog.Field{Key: "error", Value: err})
		if !pause(ctx, retryInterval) {
			return nil
		}
	}
	defer client.Close()
	ctx, source, err := daemon.throughTypha(ctx, resolved.Settings, client)
	if ctx.Err() != nil && err != nil {
		return nil
	}
	if err != nil {
		return err
	}
	defer source.Close()
	if err := daemon.follow(ctx, source); err != nil {
		return err
	}
	if errors.Is(context.Cause(ctx), errTyphaLost) {
		return errTyphaLost
	}
	log.Log(felixlog.Info, "daemon.go 622", "Received signal, shutting down; the rules stay")
	return nil
}

// serveHealth tries again for as long as the address cannot be had.
func (daemon *Daemon) serveHealth(ctx context.Context, address string) {
	server := &http.Server{Addr: address, Handler: daemon.health.Handler(), ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	for ctx.Err() == nil {
		err := server.ListenAndServe()
		if errors.Is(err, http.ErrServerClosed) {
			return
		}
		daemon.log.Log(felixlog.Error, "health.go 246", "Health endpoint failed, trying to restart it...", felixlog.Field{Key: "error", Value: err})
		pause(ctx, retryInterval)
	}
}

// pause tells whether the time passed; false when the context ended before.
func pause(ctx context.Context, duration time.Duration) bool {
	select {
	case <-ctx.Done():
		return false
	case <-time.After(duration):
		return true
	}
}
