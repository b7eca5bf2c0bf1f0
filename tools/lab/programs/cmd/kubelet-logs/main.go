// Command kubelet-logs answers the API server's requests for containers' logs in a kubelet's
// stead, from files, and runs commands in containers that have described themselves in files.
package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"flag"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"

	"calico-chatops/lab/internal/kubeletexec"
	"calico-chatops/lab/internal/kubeletlogs"
)

func main() {
	listen := flag.String("listen", "", "address and port to listen on")
	certificate := flag.String("cert", "", "file of the server's certificate")
	key := flag.String("key", "", "file of its key")
	clientCA := flag.String("client-ca", "", "file of the authority whose clients may ask; without it everyone may")
	logs := flag.String("logs", "", "directory of the logs")
	containers := flag.String("containers", "", "directory of the containers; without it no command runs in one")
	flag.Parse()

	settings := &tls.Config{MinVersion: tls.VersionTLS12}
	if *clientCA != "" {
		authority, err := os.ReadFile(*clientCA)
		if err != nil {
			log.Fatal(err)
		}
		settings.ClientAuth, settings.ClientCAs = tls.RequireAndVerifyClientCert, x509.NewCertPool()
		if !settings.ClientCAs.AppendCertsFromPEM(authority) {
			log.Fatalf("%s: no certificate in it", *clientCA)
		}
	}
	ended, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	routes := http.NewServeMux()
	routes.Handle("/", kubeletlogs.Handler(*logs))
	if *containers != "" {
		routes.Handle("/exec/", kubeletexec.Handler(*containers))
	}
	// The streams of exec are upgrades, which version 2 of HTTP does not have.
	settings.NextProtos = []string{"http/1.1"}
	server := &http.Server{Addr: *listen, Handler: routes, TLSConfig: settings}
	go func() {
		<-ended.Done()
		server.Close()
	}()
	if err := server.ListenAndServeTLS(*certificate, *key); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}
