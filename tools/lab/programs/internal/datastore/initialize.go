package datastore

import (
	"context"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"github.com/google/uuid"

	"calico-chatops/lab/internal/calico"
)

// ClusterName is the name of the cluster-wide singletons: ClusterInformation and the default
// configurations.
const ClusterName = "default"

// initialTiers are there in every cluster: name, order, what happens to traffic that the
// tier's policies select but none of them decides.
var initialTiers = []struct {
	name   string
	order  float64
	action string
}{{"default", 1e6, "Deny"}, {"kube-admin", 1000, "Pass"}, {"kube-baseline", 1e7, "Pass"}}

// EnsureInitialized writes what every client of Calico makes sure of: the ClusterInformation
// (created ready, with a GUID) and the initial tiers. clusterType is added to those recorded;
// an empty one adds nothing.
func (client *Client) EnsureInitialized(ctx context.Context, clusterType string) error {
	if err := client.ensureClusterInformation(ctx, clusterType); err != nil {
		return err
	}
	kind, _ := calico.KindNamed("Tier")
	for _, initial := range initialTiers {
		tier := kind.Empty().(*calico.Tier)
		tier.Name = initial.name
		tier.Spec = calico.TierSpec{Order: &initial.order, DefaultAction: initial.action}
		var exists AlreadyExists
		if err := client.Create(ctx, kind, tier); err != nil && !errors.As(err, &exists) {
			return err
		}
	}
	return nil
}

func (client *Client) ensureClusterInformation(ctx context.Context, clusterType string) error {
	kind, _ := calico.KindNamed("ClusterInformation")
	for {
		information := kind.Empty().(*calico.ClusterInformation)
		stored, err := client.Get(ctx, kind, "", ClusterName)
		var missing NotFound
		switch {
		case errors.As(err, &missing):
			information.Name = ClusterName
		case err != nil:
			return err
		default:
			information = stored.(*calico.ClusterInformation)
		}
		if !complete(&information.Spec, clusterType) {
			return nil
		}
		if missing.Name != "" {
			err = client.Create(ctx, kind, information)
		} else {
			err = client.Update(ctx, kind, information)
		}
		var exists AlreadyExists
		var conflict Conflict
		if !errors.As(err, &exists) && !errors.As(err, &conflict) {
			return err
		}
	}
}

// complete fills in what is missing and tells whether anything was.
func complete(spec *calico.ClusterInformationSpec, clusterType string) bool {
	changed := false
	if spec.ClusterGUID == "" {
		id := uuid.New()
		spec.ClusterGUID, changed = hex.EncodeToString(id[:]), true
	}
	if spec.DatastoreReady == nil {
		ready := true
		spec.DatastoreReady, changed = &ready, true
	}
	types := strings.FieldsFunc(spec.ClusterType, func(r rune) bool { return r == ',' })
	if clusterType != "" && !slices.Contains(types, clusterType) {
		spec.ClusterType, changed = strings.Join(append(types, clusterType), ","), true
	}
	return changed
}
