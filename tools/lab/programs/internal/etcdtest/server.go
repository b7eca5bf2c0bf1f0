// Package etcdtest runs a real etcd with TLS and client certificates for a test.
package etcdtest

import (
	"context"
	"net"
	"os"
	"os/exec"
	"testing"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/transport"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"calico-chatops/lab/internal/datastore"
)

// Server is an etcd on the loopback interface that ends with its test.
type Server struct {
	// Config is for datastore.Connect.
	Config datastore.Config
	// Client is for what a test does beside the datastore package.
	Client *clientv3.Client

	command *exec.Cmd
}

// Start starts etcd and waits until it answers. Without an etcd program the test is skipped.
func Start(t *testing.T) *Server {
	t.Helper()
	program, err := exec.LookPath("etcd")
	if err != nil {
		t.Skip("needs the etcd program (Debian: etcd-server)")
	}
	directory, err := os.MkdirTemp("/dev/shm", "etcdtest-")
	check(t, err)
	t.Cleanup(func() { os.RemoveAll(directory) })
	signer := newAuthority(t, directory)
	signer.issue(t, "server", certificate(2, "server"))
	signer.issue(t, "client", certificate(3, "client"))
	clients, peers := "https://"+freeAddress(t), "http://"+freeAddress(t)
	server := &Server{command: exec.Command(program,
		"--data-dir", directory+"/data", "--logger", "zap", "--log-level", "error",
		"--listen-client-urls", clients, "--advertise-client-urls", clients,
		"--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", "default="+peers,
		"--client-cert-auth", "--trusted-ca-file", signer.path("ca"), "--cert-file", signer.path("server"), "--key-file", signer.path("server-key"))}
	server.command.Stderr = os.Stderr
	check(t, server.command.Start())
	t.Cleanup(server.Stop)
	server.Config = datastore.Config{DatastoreType: "etcdv3", EtcdEndpoints: clients, EtcdCACertFile: signer.path("ca"), EtcdCertFile: signer.path("client"), EtcdKeyFile: signer.path("client-key")}
	files := transport.TLSInfo{TrustedCAFile: signer.path("ca"), CertFile: signer.path("client"), KeyFile: signer.path("client-key")}
	config, err := files.ClientConfig()
	check(t, err)
	server.Client, err = clientv3.New(clientv3.Config{Endpoints: []string{clients}, TLS: config, Logger: zap.NewNop()})
	check(t, err)
	t.Cleanup(func() { server.Client.Close() })
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for {
		if _, err := server.Client.Get(ctx, "/"); err == nil {
			return server
		}
		if ctx.Err() != nil {
			t.Fatal("etcd does not answer")
		}
	}
}

// Stop ends etcd at once; the test may go on without it.
func (server *Server) Stop() {
	_ = server.command.Process.Kill()
	_ = server.command.Wait()
}

// Environment is the configuration as calicoctl, Felix and kube-controllers take it.
func (server *Server) Environment() map[string]string {
	return map[string]string{
		"DATASTORE_TYPE":    server.Config.DatastoreType,
		"ETCD_ENDPOINTS":    server.Config.EtcdEndpoints,
		"ETCD_CA_CERT_FILE": server.Config.EtcdCACertFile,
		"ETCD_CERT_FILE":    server.Config.EtcdCertFile,
		"ETCD_KEY_FILE":     server.Config.EtcdKeyFile,
	}
}

// Put makes one change, which is one revision.
func (server *Server) Put(t *testing.T, key, value string) {
	t.Helper()
	_, err := server.Client.Put(context.Background(), key, value)
	check(t, err)
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer listener.Close()
	return listener.Addr().String()
}
