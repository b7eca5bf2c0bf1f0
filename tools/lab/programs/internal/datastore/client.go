package datastore

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"go.etcd.io/etcd/client/pkg/v3/transport"
	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"calico-chatops/lab/internal/calico"
)

// keepalive is how often a quiet connection is probed and how long the answer may take. It
// makes a lost etcd known to watchers, too.
const keepalive = 10 * time.Second

// Client is a connection to Calico's etcd.
type Client struct {
	etcd *clientv3.Client
}

// Connect makes a client. It returns at once: whether etcd answers shows at the first request,
// which waits for it for as long as its context lets it.
func Connect(config Config) (*Client, error) {
	if config.DatastoreType != "etcdv3" {
		return nil, fmt.Errorf("datastore type %q: not yet", config.DatastoreType)
	}
	endpoints := config.endpoints()
	if len(endpoints) == 0 {
		return nil, errors.New("no etcd endpoints specified")
	}
	var tlsConfig *tls.Config
	if config.EtcdCACertFile != "" || config.EtcdCertFile != "" {
		files := transport.TLSInfo{TrustedCAFile: config.EtcdCACertFile, CertFile: config.EtcdCertFile, KeyFile: config.EtcdKeyFile}
		var err error
		if tlsConfig, err = files.ClientConfig(); err != nil {
			return nil, fmt.Errorf("could not initialize etcdv3 client: %w", err)
		}
	}
	etcd, err := clientv3.New(clientv3.Config{
		Endpoints:            endpoints,
		TLS:                  tlsConfig,
		DialTimeout:          keepalive,
		DialKeepAliveTime:    keepalive,
		DialKeepAliveTimeout: keepalive,
		Logger:               zap.NewNop(),
	})
	if err != nil {
		return nil, err
	}
	return &Client{etcd: etcd}, nil
}

// Close ends the connection.
func (client *Client) Close() error { return client.etcd.Close() }

// Get reads one resource; NotFound when there is none.
func (client *Client) Get(ctx context.Context, kind calico.Kind, namespace, name string) (calico.Resource, error) {
	if static, ok := staticResource(kind, name); ok {
		return static, nil
	}
	answer, err := client.etcd.Get(ctx, Key(kind, namespace, name))
	if err != nil {
		return nil, err
	}
	if len(answer.Kvs) == 0 {
		return nil, NotFound{Kind: kind, Namespace: namespace, Name: name}
	}
	return decode(kind, answer.Kvs[0].Value, answer.Kvs[0].ModRevision)
}

// List reads all resources of a kind, sorted by namespace and name, and the revision at which
// they were so. An empty namespace means all namespaces.
func (client *Client) List(ctx context.Context, kind calico.Kind, namespace string) ([]calico.Resource, int64, error) {
	answer, err := client.etcd.Get(ctx, listPrefix(kind, namespace), clientv3.WithPrefix())
	if err != nil {
		return nil, 0, err
	}
	var resources []calico.Resource
	for _, pair := range answer.Kvs {
		resource, err := decode(kind, pair.Value, pair.ModRevision)
		if err != nil {
			return nil, 0, err
		}
		resources = append(resources, resource)
	}
	return withStatic(kind, resources), answer.Header.Revision, nil
}

func decode(kind calico.Kind, value []byte, revision int64) (calico.Resource, error) {
	resource := kind.Empty()
	if err := json.Unmarshal(value, resource); err != nil {
		return nil, fmt.Errorf("%s in the datastore: %w", kind.Name, err)
	}
	resource.SetResourceVersion(strconv.FormatInt(revision, 10))
	return resource, nil
}

// Raw reads the values of all keys below a prefix, for what is not a resource (IPAM).
func (client *Client) Raw(ctx context.Context, prefix string) (map[string][]byte, error) {
	answer, err := client.etcd.Get(ctx, prefix, clientv3.WithPrefix())
	if err != nil {
		return nil, err
	}
	values := make(map[string][]byte, len(answer.Kvs))
	for _, pair := range answer.Kvs {
		values[string(pair.Key)] = pair.Value
	}
	return values, nil
}
