package datastore

import (
	"context"

	clientv3 "go.etcd.io/etcd/client/v3"
)

// Revision is the datastore's current one.
func (client *Client) Revision(ctx context.Context) (int64, error) {
	answer, err := client.etcd.Get(ctx, Prefix, clientv3.WithCountOnly(), clientv3.WithPrefix())
	if err != nil {
		return 0, err
	}
	return answer.Header.Revision, nil
}

// Compact forgets the history before the revision.
func (client *Client) Compact(ctx context.Context, revision int64) error {
	_, err := client.etcd.Compact(ctx, revision)
	return err
}
