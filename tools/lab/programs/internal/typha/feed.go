package typha

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"sync"
	"time"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
	"calico-chatops/lab/internal/felix/felixlog"
)

const (
	// readLimit is how long one reading of the datastore may take.
	readLimit     = 10 * time.Second
	listRetryWait = time.Second
)

// Store is the datastore as Typha reads it.
type Store interface {
	Snapshot(ctx context.Context) ([]calico.Resource, int64, error)
	Watch(ctx context.Context, revision int64) <-chan datastore.Event
}

// feed is what Typha has read, and what each of its clients has not been sent yet.
type feed struct {
	mutex   sync.Mutex
	change  *sync.Cond
	world   map[string]message
	inSync  bool
	clients map[*client]struct{}
}

type client struct{ unsent []message }

func newFeed() *feed {
	made := &feed{world: make(map[string]message), clients: make(map[*client]struct{})}
	made.change = sync.NewCond(&made.mutex)
	return made
}

// isReady is as Typha's readiness: it has read everything, and what it has is not behind.
func (feed *feed) isReady() bool {
	feed.mutex.Lock()
	defer feed.mutex.Unlock()
	return feed.inSync
}

// follow reads the datastore until the context ends. What it cannot list, it tries again for ever; what it has read
// before stays as it is all the while.
func (feed *feed) follow(ctx context.Context, log *felixlog.Logger, store Store) {
	for ctx.Err() == nil {
		limited, cancel := context.WithTimeout(ctx, readLimit)
		resources, revision, err := store.Snapshot(limited)
		cancel()
		if err != nil {
			feed.setInSync(log, false)
			for _, failure := range failures(err) {
				log.Log(felixlog.Info, "watchercache.go 379", "Failed to perform list of current data during resync",
					felixlog.Field{Key: "ListRoot", Value: datastore.Prefix}, felixlog.Field{Key: "error", Value: failure})
			}
			wait(ctx, listRetryWait)
			continue
		}
		feed.replace(resources)
		feed.setInSync(log, true)
		for event := range store.Watch(ctx, revision) {
			if event.Err != nil {
				break
			}
			feed.take(event)
		}
	}
}

type failure string

func (one failure) Error() string { return string(one) }

// failures are the single refusals, each in the words of Calico's clients.
func failures(err error) (single []failure) {
	for _, line := range strings.Split(err.Error(), "\n") {
		if strings.Contains(line, "is forbidden") {
			line = "connection is unauthorized: " + line
		}
		single = append(single, failure(line))
	}
	return single
}

func (feed *feed) setInSync(log *felixlog.Logger, inSync bool) {
	feed.mutex.Lock()
	defer feed.mutex.Unlock()
	if feed.inSync == inSync {
		return
	}
	feed.inSync = inSync
	feed.change.Broadcast()
	words := map[bool]string{true: "from=resync to=in-sync", false: "from=in-sync to=resync"}
	log.Log(felixlog.Info, "watchersyncer.go 180", "watchersyncer transition "+words[inSync])
}

// replace takes a whole reading: what is not in it is gone.
func (feed *feed) replace(resources []calico.Resource) {
	feed.mutex.Lock()
	defer feed.mutex.Unlock()
	gone := make(map[string]message)
	for key, one := range feed.world {
		gone[key] = one
	}
	for _, resource := range resources {
		if one, err := messageOf(resource); err == nil {
			delete(gone, one.key())
			feed.send(one)
		}
	}
	for _, one := range gone {
		one.Resource = nil
		feed.send(one)
	}
}

func (feed *feed) take(event datastore.Event) {
	one := message{Kind: event.Kind.Name, Namespace: event.Namespace, Name: event.Name}
	if event.Resource != nil {
		encoded, err := messageOf(event.Resource)
		if err != nil {
			return
		}
		one = encoded
	}
	feed.mutex.Lock()
	defer feed.mutex.Unlock()
	feed.send(one)
}

// send has the mutex. What did not change is not sent again.
func (feed *feed) send(one message) {
	before, known := feed.world[one.key()]
	if known && bytes.Equal(before.Resource, one.Resource) {
		return
	}
	if one.Resource == nil {
		delete(feed.world, one.key())
	} else {
		feed.world[one.key()] = one
	}
	for client := range feed.clients {
		client.unsent = append(client.unsent, one)
	}
	feed.change.Broadcast()
}

// serve sends a client all that there is once it is whole, and then what changes, until sending fails or the context
// ends.
func (feed *feed) serve(ctx context.Context, encoder *json.Encoder) error {
	stop := context.AfterFunc(ctx, func() {
		feed.mutex.Lock()
		defer feed.mutex.Unlock()
		feed.change.Broadcast()
	})
	defer stop()
	feed.mutex.Lock()
	defer feed.mutex.Unlock()
	for !feed.inSync && ctx.Err() == nil {
		feed.change.Wait()
	}
	own := &client{}
	for _, one := range feed.world {
		own.unsent = append(own.unsent, one)
	}
	own.unsent = append(own.unsent, message{InSync: true})
	feed.clients[own] = struct{}{}
	defer delete(feed.clients, own)
	for ctx.Err() == nil {
		unsent := own.unsent
		own.unsent = nil
		if len(unsent) == 0 {
			feed.change.Wait()
			continue
		}
		feed.mutex.Unlock()
		err := encodeAll(encoder, unsent)
		feed.mutex.Lock()
		if err != nil {
			return err
		}
	}
	return nil
}

func encodeAll(encoder *json.Encoder, messages []message) error {
	for _, one := range messages {
		if err := encoder.Encode(one); err != nil {
			return err
		}
	}
	return nil
}

func wait(ctx context.Context, duration time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(duration):
	}
}
