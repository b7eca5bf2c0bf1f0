package calicoctl

import (
	"context"
	"errors"
	"fmt"
	"sort"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
)

// list is how a list of a kind is printed.
type list struct {
	metav1.TypeMeta `json:",inline"`
	metav1.ListMeta `json:"metadata"`
	Items           []calico.Resource `json:"items"`
	kind            calico.Kind
}

func get(ctx context.Context, given arguments, streams Streams) error {
	show, err := printerOf(given)
	if err != nil {
		return err
	}
	done, client, err := execute(ctx, given, streams, false, getOrList)
	var invalid invalidFile
	switch {
	case errors.As(err, &invalid):
		return fmt.Errorf("failed to execute command: %w", err)
	case errors.Is(err, errPrinted):
		return err
	case err != nil:
		return fmt.Errorf("failed to get resources: %w", err)
	}
	defer client.Close()
	if given.has("export") && len(given.words) > 1 {
		for _, result := range done.results {
			stripClusterData(result)
		}
	}
	if err := show(streams.Out, asNumber(ctx, client), done.results); err != nil {
		return err
	}
	return errors.Join(done.errs...)
}

func getOrList(ctx context.Context, client *datastore.Client, kind calico.Kind, asked calico.Resource) (any, error) {
	if name := asked.GetName(); name != "" {
		if kind.Namespaced && asked.GetNamespace() == "" {
			return nil, errors.New("cannot use --all-namespace flag for getting a single resource")
		}
		resource, err := client.Get(ctx, kind, asked.GetNamespace(), name)
		if err != nil {
			return nil, err
		}
		return shown(resource), nil
	}
	resources, revision, err := client.List(ctx, kind, asked.GetNamespace())
	if err != nil {
		return nil, err
	}
	result := &list{
		TypeMeta: metav1.TypeMeta{APIVersion: calico.APIVersion, Kind: kind.Name + "List"},
		ListMeta: metav1.ListMeta{ResourceVersion: strconv.FormatInt(revision, 10)},
		Items:    []calico.Resource{},
		kind:     kind,
	}
	for _, resource := range resources {
		result.Items = append(result.Items, shown(resource))
	}
	if kind.Name == "Tier" {
		for _, tier := range result.Items {
			completeTier(&tier.(*calico.Tier).Spec)
		}
		sortTiers(result.Items)
	}
	return result, nil
}

// sortTiers puts the lowest order first.
func sortTiers(tiers []calico.Resource) {
	order := func(i int) float64 { return *tiers[i].(*calico.Tier).Spec.Order }
	sort.SliceStable(tiers, func(i, j int) bool { return order(i) < order(j) })
}

func stripClusterData(result any) {
	if resource, ok := result.(calico.Resource); ok {
		resource.SetNamespace("")
		resource.SetUID("")
		resource.SetResourceVersion("")
		resource.SetCreationTimestamp(metav1.Time{})
	}
}

// asNumber looks the cluster's AS number up, when a table needs it: 64512 unless configured.
func asNumber(ctx context.Context, client *datastore.Client) func() string {
	return func() string {
		kind, _ := calico.KindNamed("BGPConfiguration")
		stored, err := client.Get(ctx, kind, "", datastore.ClusterName)
		var missing datastore.NotFound
		if err != nil && !errors.As(err, &missing) {
			return "unknown"
		}
		if err == nil {
			if number := stored.(*calico.BGPConfiguration).Spec.ASNumber; number != nil {
				return strconv.FormatUint(uint64(*number), 10)
			}
		}
		return "64512"
	}
}
