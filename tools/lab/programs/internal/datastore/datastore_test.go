package datastore_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
	"calico-chatops/lab/internal/etcdtest"
)

func connect(t *testing.T) (*etcdtest.Server, *datastore.Client) {
	t.Helper()
	server := etcdtest.Start(t)
	client, err := datastore.Connect(server.Config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { client.Close() })
	return server, client
}

func profile(name string) (calico.Kind, *calico.Profile) {
	kind, _ := calico.KindNamed("profile")
	made := kind.Empty().(*calico.Profile)
	made.Name = name
	return kind, made
}

func TestWatchTellsEveryChangeAfterTheSnapshot(t *testing.T) {
	server, client := connect(t)
	ctx := t.Context()
	kind, before := profile("before")
	check(t, client.Create(ctx, kind, before))
	resources, revision, err := client.Snapshot(ctx)
	if err != nil || len(resources) != 2 || resources[0].GetName() != "before" || resources[1].GetName() != datastore.DefaultAllow {
		t.Fatalf("snapshot %v %v", resources, err)
	}
	_, after := profile("after")
	check(t, client.Create(ctx, kind, after))
	server.Put(t, datastore.Prefix+"unknownkinds/x", "{}")
	after.Spec.Egress = []calico.Rule{{Action: "Allow"}}
	check(t, client.Update(ctx, kind, after))
	check(t, client.Delete(ctx, kind, "", "before", ""))
	events := client.Watch(ctx, revision)
	for i, want := range []struct {
		name  string
		rules int
		gone  bool
	}{{"after", 0, false}, {"after", 1, false}, {"before", 0, true}} {
		event := receive(t, events)
		if event.Err != nil || event.Name != want.name || event.Kind.Name != "Profile" || (event.Resource == nil) != want.gone {
			t.Fatalf("event %d: %+v", i, event)
		}
		if !want.gone && len(event.Resource.(*calico.Profile).Spec.Egress) != want.rules {
			t.Errorf("event %d: %+v", i, event.Resource)
		}
	}
}

func TestWatchEndsWithAnErrorWhenItsStartIsForgotten(t *testing.T) {
	server, client := connect(t)
	for range 3 {
		server.Put(t, datastore.Prefix+"tiers/x", "{}")
	}
	revision, err := client.Revision(t.Context())
	check(t, err)
	check(t, client.Compact(t.Context(), revision))
	events := client.Watch(t.Context(), 1)
	if event := receive(t, events); event.Err == nil {
		t.Errorf("event %+v", event)
	}
	if _, open := <-events; open {
		t.Error("the watch goes on after its error")
	}
}

func TestWritesRefuseWhatChangedMeanwhile(t *testing.T) {
	_, client := connect(t)
	ctx := t.Context()
	kind, first := profile("p")
	check(t, client.Create(ctx, kind, first))
	stale := first.GetResourceVersion()
	check(t, client.Update(ctx, kind, first))
	_, second := profile("p")
	second.ResourceVersion = stale
	var conflict datastore.Conflict
	if err := client.Update(ctx, kind, second); !errors.As(err, &conflict) {
		t.Errorf("update: %v", err)
	}
	if err := client.Delete(ctx, kind, "", "p", stale); !errors.As(err, &conflict) {
		t.Errorf("delete: %v", err)
	}
	var exists datastore.AlreadyExists
	if err := client.Create(ctx, kind, second); !errors.As(err, &exists) {
		t.Errorf("create: %v", err)
	}
	check(t, client.Delete(ctx, kind, "", "p", first.GetResourceVersion()))
	var missing datastore.NotFound
	if _, err := client.Get(ctx, kind, "", "p"); !errors.As(err, &missing) {
		t.Errorf("get: %v", err)
	}
}

func TestInitializesOnceAndAddsClusterTypes(t *testing.T) {
	_, client := connect(t)
	ctx := t.Context()
	kind, _ := calico.KindNamed("ClusterInformation")
	read := func() *calico.ClusterInformation {
		stored, err := client.Get(ctx, kind, "", datastore.ClusterName)
		check(t, err)
		return stored.(*calico.ClusterInformation)
	}
	check(t, client.EnsureInitialized(ctx, ""))
	first := read()
	check(t, client.EnsureInitialized(ctx, "k8s"))
	check(t, client.EnsureInitialized(ctx, "k8s"))
	last := read()
	if !*last.Spec.DatastoreReady || last.Spec.ClusterGUID != first.Spec.ClusterGUID || last.Spec.ClusterType != "k8s" || first.Spec.ClusterType != "" {
		t.Errorf("first %+v, last %+v", first.Spec, last.Spec)
	}
	locked := false
	last.Spec.DatastoreReady = &locked
	check(t, client.Update(ctx, kind, last))
	check(t, client.EnsureInitialized(ctx, "k8s"))
	if *read().Spec.DatastoreReady {
		t.Error("a locked datastore was unlocked")
	}
}

func receive(t *testing.T, events <-chan datastore.Event) datastore.Event {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	select {
	case event := <-events:
		return event
	case <-ctx.Done():
		t.Fatal("no event")
		return datastore.Event{}
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}
