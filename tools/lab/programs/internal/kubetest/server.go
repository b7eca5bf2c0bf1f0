// Package kubetest runs a real kube-apiserver with RBAC for a test.
package kubetest

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"calico-chatops/lab/internal/etcdtest"
)

// ControllersUser is the service account as which WriteKubeconfig connects.
const ControllersUser = "system:serviceaccount:kube-system:calico-kube-controllers"

const startLimit = 60 * time.Second

// Server is a kube-apiserver on the loopback interface that ends with its test.
type Server struct {
	// Admin may do everything.
	Admin *kubernetes.Clientset

	address, directory string
}

// program is where scripts/build-kube-apiserver keeps what it built.
func program(t *testing.T) string {
	t.Helper()
	cache, err := os.UserCacheDir()
	check(t, err)
	built, err := filepath.Glob(filepath.Join(cache, "calico-chatops/kube-apiserver-*/kube-apiserver"))
	check(t, err)
	if len(built) == 0 {
		t.Skip("needs kube-apiserver (scripts/build-kube-apiserver)")
	}
	return built[len(built)-1]
}

// Start starts the server over an etcd and waits until it is ready. Without a kube-apiserver
// program the test is skipped.
func Start(t *testing.T, store *etcdtest.Server) *Server {
	t.Helper()
	path := program(t)
	server := &Server{directory: t.TempDir(), address: freeAddress(t)}
	host, port, err := net.SplitHostPort(server.address)
	check(t, err)
	server.writeKey(t, "accounts.key")
	server.write(t, "tokens.csv", "admin,admin,1,system:masters\ncontrollers,"+ControllersUser+",2,\"system:serviceaccounts,system:authenticated\"\n")
	server.write(t, "server.log", "")
	log, err := os.Create(server.path("server.log"))
	check(t, err)
	defer log.Close()
	command := exec.Command(path,
		"--etcd-servers", store.Config.EtcdEndpoints, "--etcd-cafile", store.Config.EtcdCACertFile, "--etcd-certfile", store.Config.EtcdCertFile, "--etcd-keyfile", store.Config.EtcdKeyFile,
		"--bind-address", host, "--advertise-address", host, "--secure-port", port, "--cert-dir", server.path("certificates"),
		"--service-account-key-file", server.path("accounts.key"), "--service-account-signing-key-file", server.path("accounts.key"), "--service-account-issuer", "https://kubernetes.default.svc",
		"--authorization-mode", "RBAC", "--token-auth-file", server.path("tokens.csv"), "--service-cluster-ip-range", "10.96.0.0/16", "--disable-admission-plugins", "ServiceAccount")
	command.Stderr = log
	check(t, command.Start())
	t.Cleanup(func() { command.Process.Kill(); command.Wait() })
	server.Admin, err = kubernetes.NewForConfig(&rest.Config{Host: "https://" + server.address, BearerToken: "admin", TLSClientConfig: rest.TLSClientConfig{Insecure: true}})
	check(t, err)
	server.awaitReady(t)
	return server
}

func (server *Server) awaitReady(t *testing.T) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), startLimit)
	defer cancel()
	tick := time.NewTicker(100 * time.Millisecond)
	defer tick.Stop()
	for {
		err := server.Admin.Discovery().RESTClient().Get().AbsPath("/readyz").Do(ctx).Error()
		if err == nil {
			return
		}
		select {
		case <-ctx.Done():
			text, _ := os.ReadFile(server.path("server.log"))
			t.Fatalf("kube-apiserver is not ready: %v\n%s", err, text)
		case <-tick.C:
		}
	}
}

// WriteKubeconfig writes a kubeconfig of the controllers' service account and returns its path.
func (server *Server) WriteKubeconfig(t *testing.T) string {
	t.Helper()
	server.write(t, "kubeconfig", fmt.Sprintf(`{"apiVersion":"v1","kind":"Config","current-context":"it","contexts":[{"name":"it","context":{"cluster":"it","user":"it"}}],
"clusters":[{"name":"it","cluster":{"server":"https://%s","insecure-skip-tls-verify":true}}],"users":[{"name":"it","user":{"token":"controllers"}}]}`, server.address))
	return server.path("kubeconfig")
}

func (server *Server) path(name string) string { return filepath.Join(server.directory, name) }

func (server *Server) write(t *testing.T, name, text string) {
	t.Helper()
	check(t, os.WriteFile(server.path(name), []byte(text), 0o600))
}

func (server *Server) writeKey(t *testing.T, name string) {
	t.Helper()
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	check(t, err)
	server.write(t, name, string(pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: x509.MarshalPKCS1PrivateKey(key)})))
}

func freeAddress(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	check(t, err)
	defer listener.Close()
	return listener.Addr().String()
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
