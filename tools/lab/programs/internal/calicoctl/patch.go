package calicoctl

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
)

// patch changes parts of one resource: objects are merged, anything else is replaced, null
// removes.
func patch(ctx context.Context, given arguments, streams Streams) error {
	if len(given.words) != 2 || !given.has("patch") {
		return errors.New("invalid option: calicoctl patch takes a kind, a name and --patch. Use flag '--help' to read about a specific subcommand")
	}
	if kind := given.options["type"]; kind != "" && kind != "strategic" {
		return fmt.Errorf("patch type %q: not yet", kind)
	}
	done, client, err := execute(ctx, given, streams, false, func(ctx context.Context, client *datastore.Client, kind calico.Kind, asked calico.Resource) (any, error) {
		stored, err := client.Get(ctx, kind, asked.GetNamespace(), asked.GetName())
		if err != nil {
			return nil, err
		}
		changed, err := patched(stored, given.options["patch"])
		if err != nil {
			return nil, err
		}
		changed.SetResourceVersion(stored.GetResourceVersion())
		return replace(ctx, client, kind, changed)
	})
	if err != nil {
		return err
	}
	defer client.Close()
	if len(done.errs) > 0 {
		return fmt.Errorf("hit error: %w", errors.Join(done.errs...))
	}
	fmt.Fprintf(streams.Out, "Successfully patched 1 '%s' resource\n", done.singleKind)
	return nil
}

func patched(stored calico.Resource, patch string) (calico.Resource, error) {
	text, err := json.Marshal(stored)
	if err != nil {
		return nil, err
	}
	var original, changes map[string]any
	if err := json.Unmarshal(text, &original); err != nil {
		return nil, err
	}
	if err := json.Unmarshal([]byte(patch), &changes); err != nil {
		return nil, fmt.Errorf("the patch: %w", err)
	}
	merge(original, changes)
	if text, err = json.Marshal(original); err != nil {
		return nil, err
	}
	resources, err := parse(text)
	if err != nil {
		return nil, fmt.Errorf("creating resource from patched data: %w", err)
	}
	return resources[0], nil
}

func merge(target, changes map[string]any) {
	for name, change := range changes {
		inner, object := change.(map[string]any)
		below, merges := target[name].(map[string]any)
		switch {
		case change == nil:
			delete(target, name)
		case object && merges:
			merge(below, inner)
		default:
			target[name] = change
		}
	}
}
