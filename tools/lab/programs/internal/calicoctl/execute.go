package calicoctl

import (
	"context"
	"errors"
	"fmt"
	"io"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
)

// errPrinted ends the program with failure when all has been said already.
var errPrinted = errors.New("")

// outcome of an operation on some resources: every result, every error, and the kind when it
// is one kind.
type outcome struct {
	asked      int
	singleKind string
	results    []any
	errs       []error
}

// operation does one thing to one resource and returns what is to be shown.
type operation func(context.Context, *datastore.Client, calico.Kind, calico.Resource) (any, error)

// invalidFile marks errors of the input, as against those of its contents' handling.
type invalidFile struct{ error }

// execute finds the resources that the command is about (from the file, or from kind and names
// on the command line) and does the operation to each of them, whatever becomes of the others.
// It returns the client, for the printing of results; the caller closes it.
func execute(ctx context.Context, given arguments, streams Streams, writes bool, do operation) (outcome, *datastore.Client, error) {
	if err := checkVersion(ctx, given); err != nil {
		return outcome{}, nil, err
	}
	resources, err := resourcesOf(given, streams.In)
	if err != nil {
		return outcome{}, nil, err
	}
	client, err := connect(given.config())
	if err != nil {
		fmt.Fprintf(streams.Out, "Failed to create Calico API client: %s\n", err)
		return outcome{}, nil, errPrinted
	}
	if writes {
		// A user who may not initialize the datastore may still do the rest.
		_ = client.EnsureInitialized(ctx, "")
	}
	result := outcome{asked: len(resources)}
	kinds := map[string]bool{}
	for _, resource := range resources {
		kind, _ := exactKind(resource.GetObjectKind().GroupVersionKind().Kind)
		kinds[kind.Name] = true
		result.singleKind = kind.Name
		shown, err := any(nil), settleNamespace(kind, resource, given)
		if err == nil {
			shown, err = do(ctx, client, kind, resource)
		}
		if skipped(err, given) {
			shown, err = resource, nil
		}
		if err != nil {
			result.errs = append(result.errs, err)
			continue
		}
		result.results = append(result.results, shown)
	}
	if len(kinds) > 1 {
		result.singleKind = ""
	}
	return result, client, nil
}

func skipped(err error, given arguments) bool {
	var exists datastore.AlreadyExists
	var missing datastore.NotFound
	return errors.As(err, &exists) && given.has("skip-exists") || errors.As(err, &missing) && given.has("skip-not-exists")
}

func resourcesOf(given arguments, input io.Reader) ([]calico.Resource, error) {
	if path := given.options["filename"]; path != "" {
		resources, err := load(path, input)
		if err != nil {
			return nil, invalidFile{err}
		}
		if len(resources) == 0 && !given.has("skip-empty") {
			return nil, fmt.Errorf("no resources specified in file %s", path)
		}
		return resources, nil
	}
	if len(given.words) == 0 {
		return nil, errors.New("no resources specified")
	}
	kind, known := calico.KindNamed(given.words[0])
	if !known {
		return nil, fmt.Errorf("resource type '%s' is not supported", given.words[0])
	}
	names := given.words[1:]
	if len(names) == 0 {
		names = []string{""}
	}
	var resources []calico.Resource
	for _, name := range names {
		resource := kind.Empty()
		resource.SetName(name)
		resources = append(resources, resource)
	}
	return resources, nil
}
