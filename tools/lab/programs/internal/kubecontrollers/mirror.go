package kubecontrollers

import (
	"context"
	"sync"
	"time"

	"k8s.io/client-go/util/workqueue"
)

// datastoreTimeout bounds each dealing with etcd.
const datastoreTimeout = 10 * time.Second

// tries is how often a key is tried before it is dropped until the next reconciliation.
const tries = 5

// mirror holds what should be in the datastore by key, and brings the datastore to it: at
// changes, and by comparing everything once a period.
type mirror[V any] struct {
	log *logger
	// kindShown is how the log's field "type" names what is mirrored; without it comparisons
	// are not logged.
	kindShown any
	// noun is what the log calls one of them when it cannot be written.
	noun  string
	place string
	// list reads what is in the datastore, by key.
	list func(context.Context) (map[string]V, error)
	same func(wanted, stored V) bool
	// write puts the wanted value of a key into the datastore; remove takes it out.
	write  func(ctx context.Context, key string, wanted V) error
	remove func(ctx context.Context, key string) error
	// onlyChanges makes comparisons leave alone what is on one side only: another program's
	// business.
	onlyChanges bool

	mutex   sync.Mutex
	wanted  map[string]V
	running bool
	queue   workqueue.TypedRateLimitingInterface[string]
}

func (all *mirror[V]) initialize() *mirror[V] {
	all.wanted = map[string]V{}
	all.queue = workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[string]())
	return all
}

// set says what a key should have. Until the mirror runs this queues nothing.
func (all *mirror[V]) set(key string, value V) {
	all.mutex.Lock()
	defer all.mutex.Unlock()
	before, known := all.wanted[key]
	all.wanted[key] = value
	if all.running && (!known || !all.same(value, before)) {
		all.queue.Add(key)
	}
}

// unset says that a key should be gone.
func (all *mirror[V]) unset(key string) {
	all.mutex.Lock()
	defer all.mutex.Unlock()
	delete(all.wanted, key)
	all.queue.Add(key)
}

func (all *mirror[V]) get(key string) (V, bool) {
	all.mutex.Lock()
	defer all.mutex.Unlock()
	value, known := all.wanted[key]
	return value, known
}

// run works until the context ends. A period of 0 means no reconciliation.
func (all *mirror[V]) run(ctx context.Context, period time.Duration) {
	all.mutex.Lock()
	all.running = true
	all.mutex.Unlock()
	if period > 0 {
		go all.reconcile(ctx, period)
	}
	go func() {
		for {
			key, quit := all.queue.Get()
			if quit {
				return
			}
			all.handle(key, all.sync(ctx, key))
			all.queue.Done(key)
		}
	}()
	<-ctx.Done()
	all.queue.ShutDown()
}

func (all *mirror[V]) sync(ctx context.Context, key string) error {
	ctx, cancel := context.WithTimeout(ctx, datastoreTimeout)
	defer cancel()
	if value, known := all.get(key); known {
		return all.write(ctx, key, value)
	}
	return all.remove(ctx, key)
}

func (all *mirror[V]) handle(key string, err error) {
	switch {
	case err == nil:
		all.queue.Forget(key)
	case all.queue.NumRequeues(key) < tries:
		all.log.error(all.place, "Error syncing "+all.noun+" "+key+": "+err.Error(), fields{"error": err})
		all.queue.AddRateLimited(key)
	default:
		all.queue.Forget(key)
		all.log.error(all.place, "Dropping "+all.noun+" \""+key+"\" out of the queue: "+err.Error(), fields{"error": err})
	}
}

// reconcile compares at once and then every period; a comparison that fails is tried again.
func (all *mirror[V]) reconcile(ctx context.Context, period time.Duration) {
	for ctx.Err() == nil {
		if err := all.compare(ctx); err != nil {
			all.log.error("cache.go 216", "unable to list objects from datastore while reconciling.", fields{"error": err, "type": all.kindShown})
			all.log.error("cache.go 231", "Reconciliation failed", fields{"error": err, "type": all.kindShown})
			continue
		}
		select {
		case <-ctx.Done():
		case <-time.After(period):
		}
	}
}

func (all *mirror[V]) compare(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, datastoreTimeout)
	defer cancel()
	stored, err := all.list(ctx)
	if err != nil {
		return err
	}
	keys := map[string]bool{}
	for key := range stored {
		keys[key] = true
	}
	all.mutex.Lock()
	for key := range all.wanted {
		keys[key] = true
	}
	all.mutex.Unlock()
	for key := range keys {
		wanted, isWanted := all.get(key)
		has, isStored := stored[key]
		place, message := "", ""
		switch {
		case !isWanted && !all.onlyChanges:
			place, message = "cache.go 266", "Value for key should not exist, queueing update to remove"
		case isWanted && !isStored && !all.onlyChanges:
			place, message = "cache.go 278", "Value for key is missing in datastore, queueing update to reprogram"
		case isWanted && isStored && !all.same(wanted, has):
			place, message = "cache.go 287", "Value for key has changed, queueing update to reprogram"
		default:
			continue
		}
		if all.kindShown != nil {
			all.log.warning(place, message, fields{"key": key, "type": all.kindShown})
		}
		all.queue.Add(key)
	}
	return nil
}
