package calicoctl

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
)

// verb is a writing command and its words: "apply", "applied".
type verb struct {
	infinitive, past string
	do               operation
}

var verbs = map[string]verb{
	"create":  {"create", "created", create},
	"apply":   {"apply", "applied", apply},
	"replace": {"replace", "replaced", replace},
	"delete":  {"delete", "deleted", remove},
}

// write runs create, apply, replace or delete and says how it went in calicoctl's words.
func write(ctx context.Context, command verb, given arguments, streams Streams) error {
	if command.infinitive != "delete" && !given.has("filename") {
		return fmt.Errorf("invalid option: 'calicoctl %s'. Use flag '--help' to read about a specific subcommand", strings.Join(append([]string{command.infinitive}, given.words...), " "))
	}
	done, client, err := execute(ctx, given, streams, command.infinitive != "delete", command.do)
	var invalid invalidFile
	if errors.As(err, &invalid) {
		return fmt.Errorf("failed to execute command: %w", err)
	}
	if err != nil {
		return err
	}
	defer client.Close()
	if command.infinitive == "delete" {
		return reportDeletion(done, streams)
	}
	return report(command, done, streams)
}

func report(command verb, done outcome, streams Streams) error {
	quoted := ""
	if done.singleKind != "" {
		quoted = "'" + done.singleKind + "' "
	}
	switch handled := len(done.results); {
	case done.asked == 0:
		fmt.Fprintln(streams.Out, "No resources specified")
		return nil
	case handled == 0 && done.asked == 1:
		return fmt.Errorf("failed to %s %sresource: %v", command.infinitive, quoted, done.errs)
	case handled == 0:
		return fmt.Errorf("failed to %s any %sresources: %v", command.infinitive, quoted, done.errs)
	case len(done.errs) == 0:
		fmt.Fprintf(streams.Out, "Successfully %s %d %sresource(s)\n", command.past, handled, quoted)
		return nil
	default:
		if handled > len(done.errs) {
			fmt.Fprintf(streams.Out, "Partial success: %s the first %d out of %d %sresources:\n", command.past, handled, done.asked, quoted)
		}
		return fmt.Errorf("hit error: %v", done.errs)
	}
}

func reportDeletion(done outcome, streams Streams) error {
	quoted := ""
	if done.singleKind != "" {
		quoted = "'" + done.singleKind + "' "
	}
	if len(done.results) > 0 {
		fmt.Fprintf(streams.Out, "Successfully deleted %d %sresource(s)\n", len(done.results), quoted)
	}
	var errs []error
	for _, err := range done.errs {
		errs = append(errs, fmt.Errorf("failed to delete %sresource: %w", quoted, err))
	}
	return errors.Join(errs...)
}

func create(ctx context.Context, client *datastore.Client, kind calico.Kind, resource calico.Resource) (any, error) {
	if err := writable("create or apply", kind, resource); err != nil {
		return nil, err
	}
	if err := complete(ctx, client, resource); err != nil {
		return nil, err
	}
	return resource, client.Create(ctx, kind, resource)
}

// apply creates the resource, or replaces it when it is there.
func apply(ctx context.Context, client *datastore.Client, kind calico.Kind, resource calico.Resource) (any, error) {
	if kind.Name == "ClusterInformation" {
		return nil, errors.New("operation apply is not supported on ClusterInformation: resource is readonly")
	}
	version := resource.GetResourceVersion()
	done, err := create(ctx, client, kind, resource)
	var exists datastore.AlreadyExists
	if !errors.As(err, &exists) {
		return done, err
	}
	resource.SetResourceVersion(version)
	return replace(ctx, client, kind, resource)
}

func replace(ctx context.Context, client *datastore.Client, kind calico.Kind, resource calico.Resource) (any, error) {
	if err := writable("apply or replace", kind, resource); err != nil {
		return nil, err
	}
	if err := complete(ctx, client, resource); err != nil {
		return nil, err
	}
	return resource, client.Update(ctx, kind, resource)
}

func remove(ctx context.Context, client *datastore.Client, kind calico.Kind, resource calico.Resource) (any, error) {
	if err := writable("delete", kind, resource); err != nil {
		return nil, err
	}
	if resource.GetName() == "" {
		return nil, errors.New("insufficient identifiers, missing 'name'")
	}
	return resource, client.Delete(ctx, kind, resource.GetNamespace(), resource.GetName(), resource.GetResourceVersion())
}

// writable refuses what belongs to others: the cluster's information, and the policies that
// stand for Kubernetes ones.
func writable(operation string, kind calico.Kind, resource calico.Resource) error {
	switch {
	case kind.Name == "ClusterInformation":
		return fmt.Errorf("operation %s is not supported on ClusterInformation", operation)
	case kind.Name == "NetworkPolicy" && strings.HasPrefix(resource.GetName(), kubernetesPolicy):
		return fmt.Errorf("operation %s is not supported on NetworkPolicy(%s/%s): kubernetes network policies must be managed through the kubernetes API", operation, resource.GetNamespace(), resource.GetName())
	case kind.Name == "Profile" && resource.GetName() == datastore.DefaultAllow && operation != "create or apply":
		return fmt.Errorf("operation %s is not supported on %s: the profile %q is a default provided by Calico", operation, resource.GetName(), resource.GetName())
	}
	return nil
}
