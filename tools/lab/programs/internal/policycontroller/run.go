// Package policycontroller plays the policy controller of Calico 2.x, a program in Python: a thread a kind
// of object, which lists and watches, and begins again after a second whatever happens. Of what it
// reads it makes profiles of namespaces. Source: k8s-policy v0.5 to v0.7, controller.py.
package policycontroller

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"

	"calico-chatops/lab/internal/datastore"
)

const (
	pause = time.Second
	// A watch that is quiet for so long is opened anew, without a line in the log.
	readTimeout = 10 * time.Second
	longestLine = 4 << 20
)

// paths of the kinds. Today's API servers have policies in another group than those of the time.
var paths = map[string]string{
	"NetworkPolicy": "/apis/networking.k8s.io/v1/networkpolicies",
	"Namespace":     "/api/v1/namespaces",
	"Pod":           "/api/v1/pods",
}

type controller struct {
	log    *logger
	server string
	client *http.Client
	store  *datastore.Client
}

// Run works until the context ends. It ends by itself only if its settings are of no use.
func Run(ctx context.Context, out io.Writer) error {
	log := &logger{out: out}
	log.info("Beginning execution")
	config, err := clientcmd.BuildConfigFromFlags("", os.Getenv("KUBECONFIG"))
	if err != nil {
		return err
	}
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return err
	}
	settings := datastore.ConfigFromEnvironment()
	settings.DatastoreType = "etcdv3"
	store, err := datastore.Connect(settings)
	if err != nil {
		return err
	}
	defer store.Close()
	log.info("Leader election enabled? False")
	one := &controller{log: log, server: config.Host, client: client, store: store}
	for kind := range paths {
		go one.manage(ctx, kind)
		log.info("Started worker thread for: %s", kind)
	}
	<-ctx.Done()
	return nil
}

// manage follows one kind for ever.
func (one *controller) manage(ctx context.Context, kind string) {
	version := ""
	for ctx.Err() == nil {
		next, err := version, error(nil)
		if version == "" {
			next, err = one.sync(ctx, kind)
		}
		if err == nil {
			version, err = one.watch(ctx, kind, next)
		}
		if err == nil {
			continue
		}
		version = ""
		one.log.info("Restarting watch on resource: %s", kind)
		select {
		case <-ctx.Done():
		case <-time.After(pause):
		}
	}
}

type listed struct {
	Metadata struct {
		ResourceVersion string `json:"resourceVersion"`
	} `json:"metadata"`
	Items []corev1.Namespace `json:"items"`
}

func (one *controller) sync(ctx context.Context, kind string) (string, error) {
	one.log.info("Syncing '%s' objects", kind)
	answer, err := one.get(ctx, one.server+paths[kind])
	if err != nil {
		one.log.line("WARNING", "Connection error: %s ...%v", kind, err)
		return "", err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		// The API servers of the time refused in plain text.
		one.log.notJSON(kind)
		return "", fmt.Errorf("status %d", answer.StatusCode)
	}
	var list listed
	if err := json.NewDecoder(answer.Body).Decode(&list); err != nil {
		one.log.notJSON(kind)
		return "", err
	}
	for _, item := range list.Items {
		one.handle(ctx, "MODIFIED", kind, item)
	}
	one.log.info("Done syncing %s(s) - new resourceVersion: %s", kind, list.Metadata.ResourceVersion)
	return list.Metadata.ResourceVersion, nil
}

func (one *controller) get(ctx context.Context, url string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return nil, err
	}
	return one.client.Do(request)
}

// watch hands on what happens until the connection was quiet for a while.
func (one *controller) watch(ctx context.Context, kind, version string) (string, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	quiet := time.AfterFunc(readTimeout, cancel)
	defer quiet.Stop()
	answer, err := one.get(ctx, one.server+paths[kind]+"?watch=true&resourceVersion="+version)
	if err != nil {
		return "", err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return "", fmt.Errorf("status %d", answer.StatusCode)
	}
	lines := bufio.NewScanner(answer.Body)
	lines.Buffer(nil, longestLine)
	for lines.Scan() {
		quiet.Reset(readTimeout)
		var event struct {
			Type   string           `json:"type"`
			Object corev1.Namespace `json:"object"`
		}
		if err := json.Unmarshal(lines.Bytes(), &event); err != nil {
			one.log.line("ERROR", "Bad response '%s' from API: %v", lines.Text(), err)
			return "", err
		}
		if event.Type == "ERROR" {
			one.log.line("ERROR", "Received error from API: %s", lines.Text())
			return "", fmt.Errorf("an error of the API server")
		}
		one.handle(ctx, event.Type, kind, event.Object)
		version = event.Object.ResourceVersion
	}
	return version, nil
}
