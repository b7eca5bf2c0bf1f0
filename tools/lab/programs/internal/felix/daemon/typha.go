package daemon

import (
	"context"
	"errors"
	"net"
	"strconv"

	discoveryv1 "k8s.io/api/discovery/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"

	"calico-chatops/lab/internal/datastore"
	"calico-chatops/lab/internal/felix/felixlog"
	"calico-chatops/lab/internal/felix/health"
	"calico-chatops/lab/internal/felix/settings"
	"calico-chatops/lab/internal/typha"
)

var errTyphaLost = errors.New("Connection to Typha failed")

// throughTypha connects to Typha where Felix is told of one: from then on Typha is the datastore. It makes a context that
// ends with the connection. What is programmed stays; as with real Felix a lost connection ends the program, which is
// started anew.
func (daemon *Daemon) throughTypha(ctx context.Context, of settings.Settings, own store) (context.Context, store, error) {
	if of.TyphaServiceName == "" {
		return ctx, own, nil
	}
	daemon.health.Report(health.FelixStartup, false, "")
	// Its own settings Felix reads by itself.
	for _, err := own.Revision(ctx); err != nil; _, err = own.Revision(ctx) {
		daemon.log.Log(felixlog.Error, "daemon.go 245", "Failed to get config from datastore", felixlog.Field{Key: "error", Value: err})
		if !pause(ctx, retryInterval) {
			return ctx, nil, ctx.Err()
		}
	}
	end := typha.End{CAFile: of.TyphaCAFile, CertFile: of.TyphaCertFile, KeyFile: of.TyphaKeyFile, PeerName: of.TyphaCN}
	connection, err := typha.Connect(ctx, daemon.log, end, func(ctx context.Context) ([]string, error) {
		return typhaAddresses(ctx, of.TyphaNamespace, of.TyphaServiceName)
	})
	if err != nil {
		return ctx, nil, err
	}
	connected, cancel := context.WithCancelCause(ctx)
	go func() {
		<-connection.Lost()
		cancel(errTyphaLost)
	}()
	return connected, connection, nil
}

func typhaAddresses(ctx context.Context, namespace, service string) ([]string, error) {
	config, err := clientcmd.BuildConfigFromFlags("", datastore.ConfigFromEnvironment().Kubeconfig)
	if err != nil {
		return nil, err
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	selector := discoveryv1.LabelServiceName + "=" + service
	slices, err := client.DiscoveryV1().EndpointSlices(namespace).List(ctx, metav1.ListOptions{LabelSelector: selector})
	if err != nil {
		return nil, err
	}
	var addresses []string
	for _, slice := range slices.Items {
		for _, endpoint := range slice.Endpoints {
			if endpoint.Conditions.Ready == nil || !*endpoint.Conditions.Ready {
				continue
			}
			for _, port := range slice.Ports {
				for _, address := range endpoint.Addresses {
					addresses = append(addresses, net.JoinHostPort(address, strconv.Itoa(int(*port.Port))))
				}
			}
		}
	}
	return addresses, nil
}
