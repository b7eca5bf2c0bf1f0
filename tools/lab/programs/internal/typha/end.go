package typha

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
)

// config verifies the chain of the other end's certificate, and its common name where one is expected: the names of
// hosts, which Typha's certificate does not have, say nothing here.
func (end End) config() (*tls.Config, error) {
	own, err := tls.LoadX509KeyPair(end.CertFile, end.KeyFile)
	if err != nil {
		return nil, err
	}
	authority, err := os.ReadFile(end.CAFile)
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(authority) {
		return nil, fmt.Errorf("no certificate in %s", end.CAFile)
	}
	return &tls.Config{
		MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{own}, RootCAs: roots,
		InsecureSkipVerify: true,
		VerifyPeerCertificate: func(raw [][]byte, _ [][]*x509.Certificate) error {
			return verify(raw, roots, end.PeerName)
		},
	}, nil
}

func verify(raw [][]byte, roots *x509.CertPool, name string) error {
	if len(raw) == 0 {
		return fmt.Errorf("the other end shows no certificate")
	}
	certificate, err := x509.ParseCertificate(raw[0])
	if err != nil {
		return err
	}
	usages := []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}
	if _, err := certificate.Verify(x509.VerifyOptions{Roots: roots, KeyUsages: usages}); err != nil {
		return err
	}
	if name != "" && certificate.Subject.CommonName != name {
		return fmt.Errorf("certificate has the common name %q, wanted %q", certificate.Subject.CommonName, name)
	}
	return nil
}
