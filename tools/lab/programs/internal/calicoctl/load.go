package calicoctl

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"

	"calico-chatops/lab/internal/calico"
)

// load reads resources and lists of them, in YAML documents or JSON, from a file or ("-")
// from the standard input. An unknown kind or field is an error.
func load(path string, input io.Reader) ([]calico.Resource, error) {
	text, err := readAll(path, input)
	if err != nil {
		return nil, err
	}
	var resources []calico.Resource
	documents := utilyaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(text)))
	for {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return resources, nil
		}
		if err != nil {
			return nil, err
		}
		data, err := yaml.YAMLToJSON(document)
		if err != nil {
			return nil, fmt.Errorf("error converting YAML to JSON: %w", err)
		}
		if string(data) == "null" {
			continue
		}
		parsed, err := parse(data)
		if err != nil {
			return nil, err
		}
		resources = append(resources, parsed...)
	}
}

func readAll(path string, input io.Reader) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(input)
	}
	return os.ReadFile(path)
}

// parse reads one JSON value: a resource, a list of a kind, or an array of either.
func parse(data []byte) ([]calico.Resource, error) {
	var items []json.RawMessage
	if json.Unmarshal(data, &items) == nil {
		return parseAll(items)
	}
	var head struct {
		APIVersion string            `json:"apiVersion"`
		Kind       string            `json:"kind"`
		Items      []json.RawMessage `json:"items"`
	}
	if err := json.Unmarshal(data, &head); err != nil {
		return nil, err
	}
	kind, known := exactKind(strings.TrimSuffix(head.Kind, "List"))
	if !known || head.APIVersion != calico.APIVersion {
		return nil, fmt.Errorf("unknown resource type (%s) and/or version (%s)", head.Kind, head.APIVersion)
	}
	if head.Kind != kind.Name {
		return parseAll(head.Items)
	}
	resource := kind.Empty()
	if err := yaml.UnmarshalStrict(data, resource); err != nil {
		return nil, err
	}
	return []calico.Resource{resource}, nil
}

func parseAll(items []json.RawMessage) ([]calico.Resource, error) {
	var resources []calico.Resource
	for _, item := range items {
		parsed, err := parse(item)
		if err != nil {
			return nil, err
		}
		resources = append(resources, parsed...)
	}
	return resources, nil
}

func exactKind(name string) (calico.Kind, bool) {
	kind, known := calico.KindNamed(name)
	return kind, known && kind.Name == name
}
