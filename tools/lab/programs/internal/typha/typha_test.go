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
	"testing"
	"time"

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

// listen serves on a free port, and returns where.
func listen(t *testing.T, end End) (address string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	check(t, err)
	done := make(chan error, 1)
	go func() { done <- serve(ctx, felixlog.New(io.Discard), end, listener) }()
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
	address, stop := listen(t, server)
	lost, err := Connect(context.Background(), felixlog.New(io.Discard), client, at(address))
	check(t, err)
	select {
	case <-lost:
		t.Fatal("lost at once")
	default:
	}
	stop()
	<-lost
}

func TestFailuresAreSaid(t *testing.T) {
	server, client := makeEnds(t)
	address, stop := listen(t, server)
	defer stop()
	other := client
	other.PeerName = "typha-other"
	for _, one := range []struct {
		name     string
		end      End
		discover Discover
		says     string
	}{
		{"another name in the certificate", other, at(address), `the common name "typha-server", wanted "typha-other"`},
		{"no endpoint", client, at(), "Typha discovery enabled but discovery failed."},
		{"no right", client, func(context.Context) ([]string, error) { return nil, errors.New("forbidden") }, "error=forbidden"},
	} {
		t.Run(one.name, func(t *testing.T) {
			ctx, cancel := context.WithCancel(context.Background())
			var said strings.Builder
			discover := func(ctx context.Context) ([]string, error) {
				if said.Len() > 0 {
					cancel()
				}
				return one.discover(ctx)
			}
			if _, err := Connect(ctx, felixlog.New(&said), one.end, discover); !errors.Is(err, context.Canceled) {
				t.Fatal(err)
			}
			for _, line := range []string{"[ERROR]", "Failed to connect to Typha. Retrying...", one.says} {
				if !strings.Contains(said.String(), line) {
					t.Errorf("it does not say %q:\n%s", line, said.String())
				}
			}
		})
	}
}
