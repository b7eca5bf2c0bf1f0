package datastore

import (
	"context"
	"encoding/json"
	"strconv"
	"time"

	"github.com/google/uuid"
	clientv3 "go.etcd.io/etcd/client/v3"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"calico-chatops/lab/internal/calico"
)

// Create stores a new resource, gives it an identity and a creation time, and sets its
// resource version. AlreadyExists when its key is taken.
func (client *Client) Create(ctx context.Context, kind calico.Kind, resource calico.Resource) error {
	namespace, name := resource.GetNamespace(), resource.GetName()
	if _, ok := staticResource(kind, name); ok {
		return AlreadyExists{Kind: kind, Name: name}
	}
	resource.SetUID(types.UID(uuid.NewString()))
	resource.SetCreationTimestamp(metav1.NewTime(time.Now().UTC().Truncate(time.Second)))
	value, err := encode(kind, resource)
	if err != nil {
		return err
	}
	key := Key(kind, namespace, name)
	answer, err := client.etcd.Txn(ctx).
		If(clientv3.Compare(clientv3.Version(key), "=", 0)).
		Then(clientv3.OpPut(key, value)).Commit()
	if err != nil {
		return err
	}
	if !answer.Succeeded {
		return AlreadyExists{Kind: kind, Namespace: namespace, Name: name}
	}
	resource.SetResourceVersion(strconv.FormatInt(answer.Header.Revision, 10))
	return nil
}

// Update replaces a stored resource, which keeps its identity and creation time, and sets the
// new resource version. When the resource names a version, only that version is replaced
// (Conflict otherwise).
func (client *Client) Update(ctx context.Context, kind calico.Kind, resource calico.Resource) error {
	namespace, name := resource.GetNamespace(), resource.GetName()
	stored, err := client.Get(ctx, kind, namespace, name)
	if err != nil {
		return err
	}
	if asked := resource.GetResourceVersion(); asked != "" && asked != stored.GetResourceVersion() {
		return Conflict{Kind: kind, Namespace: namespace, Name: name}
	}
	resource.SetUID(stored.GetUID())
	resource.SetCreationTimestamp(stored.GetCreationTimestamp())
	value, err := encode(kind, resource)
	if err != nil {
		return err
	}
	key := Key(kind, namespace, name)
	answer, err := client.etcd.Txn(ctx).
		If(isAt(key, stored.GetResourceVersion())).
		Then(clientv3.OpPut(key, value)).Commit()
	if err != nil {
		return err
	}
	if !answer.Succeeded {
		return Conflict{Kind: kind, Namespace: namespace, Name: name}
	}
	resource.SetResourceVersion(strconv.FormatInt(answer.Header.Revision, 10))
	return nil
}

// Delete removes a resource, whatever its version when resourceVersion is empty.
func (client *Client) Delete(ctx context.Context, kind calico.Kind, namespace, name, resourceVersion string) error {
	stored, err := client.Get(ctx, kind, namespace, name)
	if err != nil {
		return err
	}
	if resourceVersion == "" {
		resourceVersion = stored.GetResourceVersion()
	}
	key := Key(kind, namespace, name)
	answer, err := client.etcd.Txn(ctx).If(isAt(key, resourceVersion)).Then(clientv3.OpDelete(key)).Commit()
	if err != nil {
		return err
	}
	if !answer.Succeeded {
		return Conflict{Kind: kind, Namespace: namespace, Name: name}
	}
	return nil
}

func isAt(key, resourceVersion string) clientv3.Cmp {
	revision, err := strconv.ParseInt(resourceVersion, 10, 64)
	if err != nil {
		revision = -1 // never a revision, so that the comparison fails as a conflict
	}
	return clientv3.Compare(clientv3.ModRevision(key), "=", revision)
}

func encode(kind calico.Kind, resource calico.Resource) (string, error) {
	version := resource.GetResourceVersion()
	defer resource.SetResourceVersion(version)
	resource.SetResourceVersion("")
	resource.GetObjectKind().SetGroupVersionKind(kind.Empty().GetObjectKind().GroupVersionKind())
	value, err := json.Marshal(resource)
	return string(value), err
}
