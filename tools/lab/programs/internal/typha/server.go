// Package typha is both ends of the connection between Typha and its clients: TLS, with a certificate on each side, whose
// common name the other expects.
package typha

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"os"

	"calico-chatops/lab/internal/felix/felixlog"
)

// Port is where Typha listens.
const Port = "5473"

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

// Serve takes connections and keeps them, until the context ends.
func Serve(ctx context.Context, log *felixlog.Logger, end End) error {
	listener, err := net.Listen("tcp4", ":"+Port)
	if err != nil {
		return err
	}
	log.Log(felixlog.Info, "sync_server.go 479", "Opened listen socket", felixlog.Field{Key: "port", Value: Port})
	return serve(ctx, log, end, listener)
}

func serve(ctx context.Context, log *felixlog.Logger, end End, socket net.Listener) error {
	config, err := end.config()
	if err != nil {
		return err
	}
	config.ClientAuth, config.ClientCAs = tls.RequireAndVerifyClientCert, config.RootCAs
	listener := tls.NewListener(socket, config)
	context.AfterFunc(ctx, func() { _ = listener.Close() })
	for {
		connection, err := listener.Accept()
		if ctx.Err() != nil {
			return nil
		}
		if err != nil {
			return err
		}
		go keep(ctx, log, connection)
	}
}

// keep reads what the client says, which is nothing, until it goes.
func keep(ctx context.Context, log *felixlog.Logger, connection net.Conn) {
	client := felixlog.Field{Key: "client", Value: connection.RemoteAddr().String()}
	log.Log(felixlog.Info, "sync_server.go 560", "New connection", client)
	stop := context.AfterFunc(ctx, func() { _ = connection.Close() })
	defer stop()
	_, err := io.Copy(io.Discard, connection)
	log.Log(felixlog.Info, "sync_server.go 700", "Connection closed", client, felixlog.Field{Key: "error", Value: err})
	_ = connection.Close()
}
