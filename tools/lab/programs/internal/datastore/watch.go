package datastore

import (
	"context"

	clientv3 "go.etcd.io/etcd/client/v3"

	"calico-chatops/lab/internal/calico"
)

// Event is one change of a resource. Resource is nil when it was deleted. An event with Err is
// the last one: take a new snapshot and watch from there.
type Event struct {
	Kind            calico.Kind
	Namespace, Name string
	Resource        calico.Resource
	Revision        int64
	Err             error
}

// Snapshot reads the resources of all kinds at one revision.
func (client *Client) Snapshot(ctx context.Context) ([]calico.Resource, int64, error) {
	answer, err := client.etcd.Get(ctx, Prefix, clientv3.WithPrefix())
	if err != nil {
		return nil, 0, err
	}
	var resources []calico.Resource
	for _, pair := range answer.Kvs {
		kind, _, _, known := ParseKey(string(pair.Key))
		if !known {
			continue
		}
		resource, err := decode(kind, pair.Value, pair.ModRevision)
		if err != nil {
			return nil, 0, err
		}
		resources = append(resources, resource)
	}
	for _, kind := range calico.Kinds {
		if static, ok := staticResource(kind, DefaultAllow); ok {
			resources = append(resources, static)
		}
	}
	return resources, answer.Header.Revision, nil
}

// Watch sends every change of any resource after the revision, until the context ends. It
// outlives a lost connection: changes made meanwhile come when etcd answers again.
func (client *Client) Watch(ctx context.Context, revision int64) <-chan Event {
	events := make(chan Event, 100)
	send := func(event Event) bool {
		select {
		case events <- event:
			return true
		case <-ctx.Done():
			return false
		}
	}
	changes := client.etcd.Watch(ctx, Prefix, clientv3.WithPrefix(), clientv3.WithRev(revision+1))
	go func() {
		defer close(events)
		for answer := range changes {
			if err := answer.Err(); err != nil {
				send(Event{Err: err})
				return
			}
			for _, change := range answer.Events {
				event, known := eventOf(change)
				if known && (!send(event) || event.Err != nil) {
					return
				}
			}
		}
	}()
	return events
}

func eventOf(change *clientv3.Event) (Event, bool) {
	kind, namespace, name, known := ParseKey(string(change.Kv.Key))
	if !known {
		return Event{}, false
	}
	event := Event{Kind: kind, Namespace: namespace, Name: name, Revision: change.Kv.ModRevision}
	if change.Type == clientv3.EventTypePut {
		event.Resource, event.Err = decode(kind, change.Kv.Value, change.Kv.ModRevision)
	}
	return event, true
}

// Ping makes one small read, to see whether etcd answers.
func (client *Client) Ping(ctx context.Context) error {
	_, err := client.Revision(ctx)
	return err
}
