// Package kdd reads Calico's resources where the Kubernetes API is their datastore: what is
// stored as Calico wrote it, and what its clients make of pods, namespaces, accounts, nodes and
// policies.
package kdd

import (
	"context"
	"errors"
	"sync"

	kerrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/tools/clientcmd"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
)

// Client is a connection to the API server with the rights of one account.
type Client struct {
	dynamic dynamic.Interface
	sources []source
	// versions are from where each source is watched; a source that nobody serves has none.
	versions []string
}

// Connect makes a client. It returns at once: whether the API server answers shows at the
// first request.
func Connect(kubeconfig string) (*Client, error) {
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err != nil {
		return nil, err
	}
	config.QPS, config.Burst = 100, 100
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	all := sources()
	return &Client{dynamic: client, sources: all, versions: make([]string, len(all))}, nil
}

// Close ends the connection.
func (client *Client) Close() error { return nil }

// Snapshot reads all resources. The revision means nothing: Watch goes on from what was read.
func (client *Client) Snapshot(ctx context.Context) ([]calico.Resource, int64, error) {
	lists, failures := make([][]calico.Resource, len(client.sources)), make([]error, len(client.sources))
	var all sync.WaitGroup
	for at := range client.sources {
		all.Go(func() { lists[at], failures[at] = client.list(ctx, at) })
	}
	all.Wait()
	if err := errors.Join(failures...); err != nil {
		return nil, 0, err
	}
	var resources []calico.Resource
	for _, list := range lists {
		resources = append(resources, list...)
	}
	return resources, 0, nil
}

// list is empty for a kind that nobody serves.
func (client *Client) list(ctx context.Context, at int) ([]calico.Resource, error) {
	from := client.sources[at]
	client.versions[at] = ""
	list, err := client.dynamic.Resource(from.resource).List(ctx, metav1.ListOptions{})
	if kerrors.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	client.versions[at] = list.GetResourceVersion()
	var resources []calico.Resource
	for _, object := range list.Items {
		found, err := from.convert(&object)
		if err != nil {
			return nil, err
		}
		if found.resource != nil {
			resources = append(resources, found.resource)
		}
	}
	return resources, nil
}

// Watch sends every change since the last snapshot until the context ends, or until one of the
// watches does: then the last event has an error.
func (client *Client) Watch(ctx context.Context, _ int64) <-chan datastore.Event {
	ctx, cancel := context.WithCancel(ctx)
	events := make(chan datastore.Event, 100)
	send := func(event datastore.Event) {
		select {
		case events <- event:
		case <-ctx.Done():
		}
	}
	var all sync.WaitGroup
	for at, from := range client.sources {
		version := client.versions[at]
		if version == "" {
			continue
		}
		all.Go(func() {
			err := client.follow(ctx, from, version, send)
			send(datastore.Event{Err: err})
			cancel()
		})
	}
	go func() {
		all.Wait()
		cancel()
		close(events)
	}()
	return events
}

func (client *Client) follow(ctx context.Context, from source, version string, send func(datastore.Event)) error {
	changes, err := client.dynamic.Resource(from.resource).Watch(ctx, metav1.ListOptions{ResourceVersion: version})
	if err != nil {
		return err
	}
	defer changes.Stop()
	for change := range changes.ResultChan() {
		object, is := change.Object.(*unstructured.Unstructured)
		if change.Type == watch.Error || !is {
			return kerrors.FromObject(change.Object)
		}
		found, err := from.convert(object)
		if err != nil {
			return err
		}
		if found.name == "" {
			continue
		}
		if change.Type == watch.Deleted {
			found.resource = nil
		}
		send(datastore.Event{Kind: found.kind, Namespace: found.namespace, Name: found.name, Resource: found.resource})
	}
	return errors.New("the watch ended")
}

// Revision makes one small read, to see whether the API server answers.
func (client *Client) Revision(ctx context.Context) (int64, error) {
	information := client.sources[len(client.sources)-len(stored)].resource
	_, err := client.dynamic.Resource(information).Get(ctx, "default", metav1.GetOptions{})
	return 0, err
}
