package typha

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	"calico-chatops/lab/internal/felix/felixlog"
)

const (
	dialLimit     = 10 * time.Second
	retryInterval = time.Second
	// giveUpAfter is how long Felix tries before it ends, to be started anew.
	giveUpAfter = 30 * time.Second
)

// errNotReady is what Felix says of a Service without a ready endpoint.
var errNotReady = errors.New("missing Kubernetes service IP or port")

// Discover names the addresses of Typha that are ready, with their port.
type Discover func(ctx context.Context) ([]string, error)

// Connect waits until there is a Typha, and connects to it. It returns once the connection stands.
func Connect(ctx context.Context, log *felixlog.Logger, end End, discover Discover) (*Connection, error) {
	config, err := end.config()
	if err != nil {
		return nil, err
	}
	for {
		if _, err := discovered(ctx, log, discover); err == nil {
			break
		}
		wait(ctx, retryInterval)
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
	}
	for limit := time.Now().Add(giveUpAfter); ; {
		connection, err := connectOnce(ctx, log, config, discover)
		if err == nil {
			return newConnection(connection), nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		log.Log(felixlog.Error, "daemon.go 575", "Failed to connect to Typha.", felixlog.Field{Key: "error", Value: err})
		if time.Now().After(limit) {
			log.Log(felixlog.Fatal, "daemon.go 585", "Failed to connect to Typha, giving up after timeout", felixlog.Field{Key: "error", Value: err})
			return nil, fmt.Errorf("Failed to connect to Typha: %w", err)
		}
		wait(ctx, retryInterval)
		log.Log(felixlog.Info, "daemon.go 566", "Sleeping before Typha connection retry...")
	}
}

func discovered(ctx context.Context, log *felixlog.Logger, discover Discover) ([]string, error) {
	addresses, err := discover(ctx)
	if err == nil && len(addresses) == 0 {
		log.Log(felixlog.Error, "discovery.go 267", "Didn't find any ready Typha instances.")
		err = errNotReady
	}
	if err != nil {
		log.Log(felixlog.Error, "daemon.go 345", "Typha discovery enabled but discovery failed.", felixlog.Field{Key: "error", Value: err})
		return nil, err
	}
	log.Log(felixlog.Info, "discovery.go 180", "Found ready Typha addresses.", felixlog.Field{Key: "addrs", Value: strings.Join(addresses, " ")})
	return addresses, nil
}

func connectOnce(ctx context.Context, log *felixlog.Logger, config *tls.Config, discover Discover) (net.Conn, error) {
	addresses, err := discovered(ctx, log, discover)
	if err != nil {
		return nil, err
	}
	for _, address := range addresses {
		log.Log(felixlog.Info, "sync_client.go 258", "Connecting to typha endpoint "+address+".")
		dialer := tls.Dialer{NetDialer: &net.Dialer{Timeout: dialLimit}, Config: config}
		var connection net.Conn
		if connection, err = dialer.DialContext(ctx, "tcp4", address); err == nil {
			log.Log(felixlog.Info, "sync_client.go 242", "Successfully connected to Typha at "+address+".")
			return connection, nil
		}
		log.Log(felixlog.Warning, "sync_client.go 264", "Failed to connect to typha endpoint "+address+".  Will try another if available...", felixlog.Field{Key: "error", Value: err})
	}
	return nil, fmt.Errorf("failed to connect to Typha after %d tries: %w", len(addresses), err)
}
