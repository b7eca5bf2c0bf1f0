package typha

import (
	"bufio"
	"context"
	"encoding/json"
	"net"
	"sync"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
)

// Connection is the datastore as a client of Typha knows it.
type Connection struct {
	net.Conn
	mutex   sync.Mutex
	change  *sync.Cond
	world   map[string]calico.Resource
	inSync  bool
	pending []datastore.Event
	err     error
	lost    chan struct{}
}

func newConnection(of net.Conn) *Connection {
	connection := &Connection{Conn: of, world: make(map[string]calico.Resource), lost: make(chan struct{})}
	connection.change = sync.NewCond(&connection.mutex)
	go connection.read()
	return connection
}

// Lost is closed when the connection ends.
func (connection *Connection) Lost() <-chan struct{} { return connection.lost }

func (connection *Connection) read() {
	decoder := json.NewDecoder(bufio.NewReader(connection.Conn))
	var err error
	for err == nil {
		var one message
		if err = decoder.Decode(&one); err == nil {
			err = connection.take(one)
		}
	}
	connection.mutex.Lock()
	connection.err = err
	connection.change.Broadcast()
	connection.mutex.Unlock()
	close(connection.lost)
}

func (connection *Connection) take(one message) error {
	connection.mutex.Lock()
	defer connection.mutex.Unlock()
	defer connection.change.Broadcast()
	if one.InSync {
		connection.inSync = true
		return nil
	}
	event, err := one.event()
	if err != nil {
		return err
	}
	if event.Resource == nil {
		delete(connection.world, one.key())
	} else {
		connection.world[one.key()] = event.Resource
	}
	connection.pending = append(connection.pending, event)
	return nil
}

// waitFor has the mutex, and gives it back having waited. It ends with the context or the connection, too.
func (connection *Connection) waitFor(ctx context.Context, done func() bool) error {
	stop := context.AfterFunc(ctx, func() {
		connection.mutex.Lock()
		defer connection.mutex.Unlock()
		connection.change.Broadcast()
	})
	defer stop()
	for !done() && ctx.Err() == nil && connection.err == nil {
		connection.change.Wait()
	}
	if connection.err != nil {
		return connection.err
	}
	return ctx.Err()
}

// Snapshot is all that Typha has sent, once it is whole.
func (connection *Connection) Snapshot(ctx context.Context) ([]calico.Resource, int64, error) {
	connection.mutex.Lock()
	defer connection.mutex.Unlock()
	if err := connection.waitFor(ctx, func() bool { return connection.inSync }); err != nil {
		return nil, 0, err
	}
	var resources []calico.Resource
	for _, resource := range connection.world {
		resources = append(resources, resource)
	}
	connection.pending = nil
	return resources, 0, nil
}

// Watch sends every change since the last snapshot until the context ends, or the connection: then it is closed.
func (connection *Connection) Watch(ctx context.Context, _ int64) <-chan datastore.Event {
	events := make(chan datastore.Event, 100)
	go func() {
		defer close(events)
		for {
			connection.mutex.Lock()
			err := connection.waitFor(ctx, func() bool { return len(connection.pending) > 0 })
			taken := connection.pending
			if err == nil {
				connection.pending = nil
			}
			connection.mutex.Unlock()
			if err != nil {
				return
			}
			for _, event := range taken {
				select {
				case events <- event:
				case <-ctx.Done():
					return
				}
			}
		}
	}()
	return events
}

// Revision says whether the connection stands.
func (connection *Connection) Revision(context.Context) (int64, error) {
	connection.mutex.Lock()
	defer connection.mutex.Unlock()
	return 0, connection.err
}
