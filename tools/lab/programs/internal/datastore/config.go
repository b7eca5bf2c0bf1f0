// Package datastore reads and writes Calico's resources in etcd.
package datastore

import (
	"fmt"
	"os"
	"strings"

	"sigs.k8s.io/yaml"
)

// Config is how to reach etcd. Without certificate files the connection has no client
// certificate, without a CA file the system's own authorities are trusted.
type Config struct {
	DatastoreType  string `json:"datastoreType,omitempty"`
	EtcdEndpoints  string `json:"etcdEndpoints,omitempty"`
	EtcdKeyFile    string `json:"etcdKeyFile,omitempty"`
	EtcdCertFile   string `json:"etcdCertFile,omitempty"`
	EtcdCACertFile string `json:"etcdCACertFile,omitempty"`
	Kubeconfig     string `json:"kubeconfig,omitempty"`
}

type configFile struct {
	APIVersion string         `json:"apiVersion"`
	Kind       string         `json:"kind"`
	Metadata   map[string]any `json:"metadata,omitempty"`
	Spec       Config         `json:"spec"`
}

// ConfigFromFile reads a CalicoAPIConfig. An unknown field is an error, as it is for calicoctl.
func ConfigFromFile(path string) (Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Config{}, err
	}
	var file configFile
	if err := yaml.UnmarshalStrict(text, &file); err != nil {
		return Config{}, err
	}
	if file.Kind != "CalicoAPIConfig" {
		return Config{}, fmt.Errorf("invalid config file: expected kind 'CalicoAPIConfig', got '%s'", file.Kind)
	}
	return file.Spec.withType(), nil
}

// ConfigFromEnvironment takes DATASTORE_TYPE, ETCD_… and KUBECONFIG, each also with CALICO_
// before it, which wins.
func ConfigFromEnvironment() Config {
	return Config{
		DatastoreType:  environment("DATASTORE_TYPE"),
		EtcdEndpoints:  environment("ETCD_ENDPOINTS"),
		EtcdKeyFile:    environment("ETCD_KEY_FILE"),
		EtcdCertFile:   environment("ETCD_CERT_FILE"),
		EtcdCACertFile: environment("ETCD_CA_CERT_FILE"),
		Kubeconfig:     environment("KUBECONFIG"),
	}.withType()
}

func environment(name string) string {
	if value, set := os.LookupEnv("CALICO_" + name); set {
		return value
	}
	return os.Getenv(name)
}

// withType guesses the datastore the way Calico's clients do: etcd where endpoints are given.
func (config Config) withType() Config {
	if config.DatastoreType == "" {
		config.DatastoreType = "kubernetes"
		if config.EtcdEndpoints != "" {
			config.DatastoreType = "etcdv3"
		}
	}
	return config
}

func (config Config) endpoints() []string {
	var endpoints []string
	for _, endpoint := range strings.Split(config.EtcdEndpoints, ",") {
		if trimmed := strings.TrimSpace(endpoint); trimmed != "" {
			endpoints = append(endpoints, trimmed)
		}
	}
	return endpoints
}
