package kubecontrollers

import (
	"context"
	"errors"
	"reflect"
	"strings"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
)

// profileWords are what the two profile controllers call things in the log.
type profileWords struct {
	kind                              string
	writing                           message
	created, updated, deleting, place string
}

var namespaceWords = profileWords{"Namespace", message{"namespace_controller.go 232", "Create/Update Profile in Calico datastore"}, "Successfully created profile", "Successfully updated profile", "Deleting Profile from Calico datastore", "namespace_controller.go 249"}

var serviceAccountWords = profileWords{"ServiceAccount", message{"serviceaccount_controller.go 237", "Create/Update ServiceAccount Profile in Calico datastore"}, "Successfully created ServiceAccount profile", "Successfully updated profile", "Deleting ServiceAccount Profile from Calico datastore", "serviceaccount_controller.go 254"}

// mirrorProfiles keeps the profiles whose names begin with the prefix.
func mirrorProfiles(log *logger, store *datastore.Client, prefix string, words profileWords) *mirror[calico.ProfileSpec] {
	kind, _ := calico.KindNamed("Profile")
	profiles := &mirror[calico.ProfileSpec]{log: log, kindShown: words.kind, noun: "Profile", place: words.place}
	profiles.same = func(wanted, stored calico.ProfileSpec) bool { return reflect.DeepEqual(wanted, stored) }
	profiles.list = func(ctx context.Context) (map[string]calico.ProfileSpec, error) {
		resources, _, err := store.List(ctx, kind, "")
		stored := map[string]calico.ProfileSpec{}
		for _, resource := range resources {
			if strings.HasPrefix(resource.GetName(), prefix) {
				stored[resource.GetName()] = resource.(*calico.Profile).Spec
			}
		}
		return stored, err
	}
	profiles.write = func(ctx context.Context, name string, wanted calico.ProfileSpec) error {
		profile := kind.Empty().(*calico.Profile)
		profile.Name, profile.Spec = name, wanted
		log.info(words.writing.place, words.writing.text, fields{"key": name})
		created, err := put(ctx, store, kind, profile)
		if err != nil {
			return err
		}
		written := words.updated
		if created {
			written = words.created
		}
		log.info(words.place, written, fields{"key": name})
		return nil
	}
	profiles.remove = func(ctx context.Context, name string) error {
		log.info(words.place, words.deleting, fields{"key": name})
		return forget(ctx, store, kind, "", name)
	}
	return profiles.initialize()
}

// put creates the resource, or replaces the stored specification, and tells which.
func put(ctx context.Context, store *datastore.Client, kind calico.Kind, resource calico.Resource) (created bool, err error) {
	err = store.Create(ctx, kind, resource)
	var exists datastore.AlreadyExists
	if !errors.As(err, &exists) {
		return true, err
	}
	resource.SetResourceVersion("")
	return false, store.Update(ctx, kind, resource)
}

// forget deletes a resource that may be gone already.
func forget(ctx context.Context, store *datastore.Client, kind calico.Kind, namespace, name string) error {
	err := store.Delete(ctx, kind, namespace, name, "")
	var missing datastore.NotFound
	if errors.As(err, &missing) {
		return nil
	}
	return err
}
