package typha

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
	"calico-chatops/lab/internal/felix/felixlog"
)

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// makeEnds writes the certificates of an authority and of both ends.
func makeEnds(t *testing.T) (server, client End) {
	t.Helper()
	directory := t.TempDir()
	template := func(name string, usage x509.ExtKeyUsage) *x509.Certificate {
		return &x509.Certificate{
			SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, ExtKeyUsage: []x509.ExtKeyUsage{usage},
			NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		}
	}
	authority := template("authority", x509.ExtKeyUsageAny)
	authority.IsCA, authority.BasicConstraintsValid = true, true
	signer, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	check(t, err)
	write := func(file, kind string, content []byte) {
		check(t, os.WriteFile(filepath.Join(directory, file), pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: content}), 0o600))
	}
	issue := func(file string, of *x509.Certificate, key *ecdsa.PrivateKey) {
		signed, err := x509.CreateCertificate(rand.Reader, of, authority, &key.PublicKey, signer)
		check(t, err)
		encoded, err := x509.MarshalECPrivateKey(key)
		check(t, err)
		write(file+".crt", "CERTIFICATE", signed)
		write(file+".key", "EC PRIVATE KEY", encoded)
	}
	end := func(file, name string, usage x509.ExtKeyUsage, peer string) End {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		check(t, err)
		issue(file, template(name, usage), key)
		in := func(name string) string { return filepath.Join(directory, name) }
		return End{CAFile: in("ca.crt"), CertFile: in(file + ".crt"), KeyFile: in(file + ".key"), PeerName: peer}
	}
	issue("ca", authority, signer)
	return end("server", "typha-server", x509.ExtKeyUsageServerAuth, "typha-client"),
		end("client", "typha-client", x509.ExtKeyUsageClientAuth, "typha-server")
}

// fakeStore is a datastore whose reading can be refused, and whose changes the test sends.
type fakeStore struct {
	refused atomic.Bool
	changes chan datastore.Event
}

func (store *fakeStore) Snapshot(context.Context) ([]calico.Resource, int64, error) {
	if store.refused.Load() {
		return nil, 0, errors.New(`namespaces is forbidden: User "u" cannot list resource "namespaces"`)
	}
	return []calico.Resource{node("a"), node("b")}, 0, nil
}

func (store *fakeStore) Watch(context.Context, int64) <-chan datastore.Event { return store.changes }

func node(name string) calico.Resource {
	kind, _ := calico.KindNamed("Node")
	resource := kind.Empty()
	resource.SetName(name)
	return resource
}

// listen serves on a free port, and returns where.
func listen(t *testing.T, end End, store Store, said io.Writer) (address string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	check(t, err)
	done := make(chan error, 1)
	go func() { done <- serve(ctx, felixlog.Of("typha", said), end, listener, newFeed(), store) }()
	return listener.Addr().String(), func() {
		cancel()
		check(t, <-done)
	}
}

func at(addresses ...string) Discover {
	return func(context.Context) ([]string, error) { return addresses, nil }
}

func TestConnectionEndsWithTypha(t *testing.T) {
	server, client := makeEnds(t)
	address, stop := listen(t, server, &fakeStore{}, io.Discard)
	connection, err := Connect(context.Background(), felixlog.New(io.Discard), client, at(address))
	check(t, err)
	select {
	case <-connection.Lost():
		t.Fatal("lost at once")
	default:
	}
	stop()
	<-connection.Lost()
}

func TestFailuresAreSaid(t *testing.T) {
	server, client := makeEnds(t)
	address, stop := listen(t, server, &fakeStore{}, io.Discard)
	defer stop()
	other := client
	other.PeerName = "typha-other"
	for _, one := range []struct {
		name     string
		end      End
		discover Discover
		says     []string
	}{
		{"another name in the certificate", other, at(address), []string{"Failed to connect to Typha.", `the common name "typha-server", wanted "typha-other"`}},
		{"no endpoint", client, at(), []string{"Didn't find any ready Typha instances.", "Typha discovery enabled but discovery failed."}},
		{"no right", client, func(context.Context) ([]string, error) { return nil, errors.New("forbidden") }, []string{"Typha discovery enabled but discovery failed.", "error=forbidden"}},
	} {
		t.Run(one.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			var said strings.Builder
			asked := 0
			discover := func(ctx context.Context) ([]string, error) {
				if asked++; asked > 2 {
					cancel()
				}
				return one.discover(ctx)
			}
			if _, err := Connect(ctx, felixlog.New(&said), one.end, discover); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			for _, line := range append(one.says, "[ERROR]") {
				if !strings.Contains(said.String(), line) {
					t.Errorf("it does not say %q:\n%s", line, said.String())
				}
			}
		})
	}
}

// told is a log that may be read while it is written.
type told struct {
	mutex sync.Mutex
	lines strings.Builder
}

func (log *told) Write(line []byte) (int, error) {
	log.mutex.Lock()
	defer log.mutex.Unlock()
	return log.lines.Write(line)
}

func (log *told) has(words string) bool {
	log.mutex.Lock()
	defer log.mutex.Unlock()
	return strings.Contains(log.lines.String(), words)
}

func TestAClientLearnsWhatTyphaReads(t *testing.T) {
	server, client := makeEnds(t)
	store := &fakeStore{changes: make(chan datastore.Event)}
	address, stop := listen(t, server, store, io.Discard)
	defer stop()
	connection, err := Connect(context.Background(), felixlog.New(io.Discard), client, at(address))
	check(t, err)
	defer connection.Close()
	resources, revision, err := connection.Snapshot(context.Background())
	check(t, err)
	if len(resources) != 2 {
		t.Fatalf("%d resources", len(resources))
	}
	events := connection.Watch(context.Background(), revision)
	kind, _ := calico.KindNamed("Node")
	store.changes <- datastore.Event{Kind: kind, Name: "c", Resource: node("c")}
	store.changes <- datastore.Event{Kind: kind, Name: "a"}
	if added := <-events; added.Name != "c" || added.Resource == nil {
		t.Fatalf("%+v", added)
	}
	if gone := <-events; gone.Name != "a" || gone.Resource != nil {
		t.Fatalf("%+v", gone)
	}
}

func TestATyphaWithoutRightsTellsNothing(t *testing.T) {
	server, client := makeEnds(t)
	store := &fakeStore{}
	store.refused.Store(true)
	said := &told{}
	address, stop := listen(t, server, store, said)
	defer stop()
	connection, err := Connect(context.Background(), felixlog.New(io.Discard), client, at(address))
	check(t, err)
	defer connection.Close()
	for !said.has("Failed to perform list of current data during resync") || !said.has("error=connection is unauthorized: namespaces is forbidden") {
		time.Sleep(time.Millisecond)
	}
	short, cancel := context.WithTimeout(context.Background(), 10*time.Millisecond)
	defer cancel()
	if resources, _, err := connection.Snapshot(short); err == nil {
		t.Fatalf("it told of %d resources", len(resources))
	}
	store.refused.Store(false)
	resources, _, err := connection.Snapshot(context.Background())
	check(t, err)
	if len(resources) != 2 {
		t.Fatalf("%d resources once it has the right", len(resources))
	}
}
