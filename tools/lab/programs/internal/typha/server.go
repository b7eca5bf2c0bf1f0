// Package typha is both ends of the connection between Typha and its clients: TLS, with a certificate on each side, whose
// common name the other expects. Typha sends what it has read of the datastore, and then what changes.
package typha

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"time"

	"calico-chatops/lab/internal/felix/felixlog"
)

// Port is where Typha listens, and healthAddress where a kubelet asks whether it is ready.
const (
	Port          = "5473"
	healthAddress = "127.0.0.1:9098"
)

// End is how one end shows itself, and whom it expects at the other.
type End struct {
	CAFile, CertFile, KeyFile string
	// PeerName is the common name in the other end's certificate.
	PeerName string
}

// ServerFromEnvironment reads Typha's own variables.
func ServerFromEnvironment() End {
	return End{
		CAFile: os.Getenv("TYPHA_CAFILE"), CertFile: os.Getenv("TYPHA_SERVERCERTFILE"),
		KeyFile: os.Getenv("TYPHA_SERVERKEYFILE"), PeerName: os.Getenv("TYPHA_CLIENTCN"),
	}
}

// Serve takes connections and feeds them, until the context ends.
func Serve(ctx context.Context, log *felixlog.Logger, end End, store Store) error {
	listener, err := net.Listen("tcp4", ":"+Port)
	if err != nil {
		return err
	}
	log.Log(felixlog.Info, "sync_server.go 479", "Opened listen socket", felixlog.Field{Key: "port", Value: Port})
	feed := newFeed()
	go serveHealth(ctx, log, feed)
	return serve(ctx, log, end, listener, feed, store)
}

func serveHealth(ctx context.Context, log *felixlog.Logger, feed *feed) {
	mux := http.NewServeMux()
	mux.HandleFunc("/liveness", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("/readiness", func(response http.ResponseWriter, _ *http.Request) {
		if !feed.isReady() {
			response.WriteHeader(http.StatusServiceUnavailable)
		}
	})
	server := &http.Server{Addr: healthAddress, Handler: mux, ReadHeaderTimeout: 5 * time.Second}
	context.AfterFunc(ctx, func() { _ = server.Close() })
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Log(felixlog.Error, "health.go 246", "Health endpoint failed", felixlog.Field{Key: "error", Value: err})
	}
}

func serve(ctx context.Context, log *felixlog.Logger, end End, socket net.Listener, feed *feed, store Store) error {
	config, err := end.config()
	if err != nil {
		return err
	}
	config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, config.RootCAs
	listener := tls.NewListener(socket, config)
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	go feed.follow(ctx, log, store)
	for {
		connection, err := listener.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		go keep(ctx, log, connection, feed)
	}
}

// keep feeds the client, and reads what it says, which is nothing, until it goes.
func keep(ctx context.Context, log *felixlog.Logger, connection net.Conn, feed *feed) {
	peer := felixlog.Field{Key: "client", Value: connection.RemoteAddr().String()}
	log.Log(felixlog.Info, "sync_server.go 560", "New connection", peer)
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	go func() {
		_, _ = io.Copy(io.Discard, connection)
		cancel()
	}()
	context.AfterFunc(ctx, func() { _ = connection.Close() })
	err := feed.serve(ctx, json.NewEncoder(connection))
	log.Log(felixlog.Info, "sync_server.go 700", "Connection closed", peer, felixlog.Field{Key: "error", Value: err})
}
