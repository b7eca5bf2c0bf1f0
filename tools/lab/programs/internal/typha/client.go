package typha

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
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

// Discover names the addresses of Typha that are ready, with their port.
type Discover func(ctx context.Context) ([]string, error)

// Connect keeps one connection to Typha. It returns once the connection stands, with what is closed when it ends.
func Connect(ctx context.Context, log *felixlog.Logger, end End, discover Discover) (<-chan struct{}, error) {
	config, err := end.config()
	if err != nil {
		return nil, err
	}
	limit := time.Now().Add(giveUpAfter)
	for said := false; ; said = true {
		connection, err := connectOnce(ctx, log, config, discover)
		if err == nil {
			lost := make(chan struct{})
			go func() {
				_, _ = io.Copy(io.Discard, connection)
				close(lost)
			}()
			return lost, nil
		}
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if time.Now().After(limit) {
			return nil, fmt.Errorf("Failed to connect to Typha: %w", err)
		}
		if !said {
			log.Log(felixlog.Error, "daemon.go 530", "Failed to connect to Typha. Retrying...", felixlog.Field{Key: "error", Value: err})
		}
		time.Sleep(retryInterval)
	}
}

func connectOnce(ctx context.Context, log *felixlog.Logger, config *tls.Config, discover Discover) (net.Conn, error) {
	addresses, err := discover(ctx)
	if err == nil && len(addresses) == 0 {
		err = errors.New("no endpoint of the Service is ready")
	}
	if err != nil {
		log.Log(felixlog.Error, "daemon.go 340", "Typha discovery enabled but discovery failed.", felixlog.Field{Key: "error", Value: err})
		return nil, err
	}
	log.Log(felixlog.Info, "discovery.go 180", "Found ready Typha addresses.", felixlog.Field{Key: "addrs", Value: strings.Join(addresses, " ")})
	for _, address := range addresses {
		log.Log(felixlog.Info, "sync_client.go 258", "Connecting to typha endpoint "+address+".")
		dialer := tls.Dialer{NetDialer: &net.Dialer{Timeout: dialLimit}, Config: config}
		var connection net.Conn
		if connection, err = dialer.DialContext(ctx, "tcp4", address); err == nil {
			log.Log(felixlog.Info, "sync_client.go 268", "Successfully connected to Typha at "+address+".")
			return connection, nil
		}
		log.Log(felixlog.Warning, "sync_client.go 264", "Failed to connect to typha endpoint "+address+".  Will try another if available...", felixlog.Field{Key: "error", Value: err})
	}
	return nil, fmt.Errorf("failed to connect to Typha after %d tries: %w", len(addresses), err)
}
