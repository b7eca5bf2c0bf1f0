package calicoctlv1

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"sigs.k8s.io/yaml"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/calicoctl"
	"calico-chatops/lab/internal/datastore"
)

// written is a profile as a file has it: the one kind that the lab's client writes.
type written struct {
	Kind       string `json:"kind"`
	APIVersion string `json:"apiVersion"`
	Metadata   struct {
		Name   string            `json:"name"`
		Tags   []string          `json:"tags,omitempty"`
		Labels map[string]string `json:"labels,omitempty"`
	} `json:"metadata"`
	Spec struct {
		Ingress []writtenRule `json:"ingress,omitempty"`
		Egress  []writtenRule `json:"egress,omitempty"`
	} `json:"spec,omitempty"`
}

type writtenRule struct {
	Action      string         `json:"action"`
	Source      map[string]any `json:"source,omitempty"`
	Destination map[string]any `json:"destination,omitempty"`
}

var actions = map[string]string{"allow": "Allow", "deny": "Deny", "log": "Log", "pass": "Pass"}

var verbs = map[string]struct{ base, done string }{
	"create": {"create", "created"}, "apply": {"apply", "applied"}, "delete": {"delete", "deleted"},
}

func write(ctx context.Context, store *datastore.Client, command string, given asked, streams calicoctl.Streams) error {
	verb := verbs[command]
	profile, err := profileGiven(given, streams)
	if err != nil {
		return fmt.Errorf("Failed to execute command: %w", err) //nolint:staticcheck // the real one's words
	}
	stored, _ := calico.KindNamed("Profile")
	switch command {
	case "delete":
		err = store.Delete(ctx, stored, "", profile.Name, "")
	case "create":
		err = store.Create(ctx, stored, profile)
	default:
		err = store.Create(ctx, stored, profile)
		var exists datastore.AlreadyExists
		if errors.As(err, &exists) {
			profile.SetResourceVersion("")
			err = store.Update(ctx, stored, profile)
		}
	}
	var exists datastore.AlreadyExists
	var missing datastore.NotFound
	switch {
	case errors.As(err, &exists):
		err = fmt.Errorf("resource already exists: Profile(name=%s)", profile.Name)
	case errors.As(err, &missing):
		err = fmt.Errorf("resource does not exist: Profile(name=%s)", profile.Name)
	}
	if err != nil {
		return fmt.Errorf("Failed to %s 'profile' resource: %w", verb.base, err) //nolint:staticcheck // the real one's words
	}
	_, err = fmt.Fprintf(streams.Out, "Successfully %s 1 'profile' resource(s)\n", verb.done)
	return err
}

// profileGiven reads the file, or for delete the words of the command.
func profileGiven(given asked, streams calicoctl.Streams) (*calico.Profile, error) {
	kind, _ := calico.KindNamed("Profile")
	profile := kind.Empty().(*calico.Profile)
	if given.file == "" && len(given.words) == 2 {
		if named, _ := kindNamed(given.words[0]); named.name != "profile" {
			return nil, fmt.Errorf("the lab's Calico 2.x deletes profiles alone")
		}
		profile.Name = given.words[1]
		return profile, nil
	}
	text, err := readInput(given.file, streams.In)
	if err != nil {
		return nil, err
	}
	var source written
	if err := yaml.UnmarshalStrict(text, &source); err != nil {
		return nil, err
	}
	if source.Kind != "profile" || source.APIVersion != "v1" {
		return nil, fmt.Errorf("Unknown resource type (%s) and/or version (%s)", source.Kind, source.APIVersion) //nolint:staticcheck // the real one's words
	}
	profile.Name, profile.Spec.LabelsToApply = source.Metadata.Name, source.Metadata.Labels
	if len(source.Metadata.Tags) > 0 {
		profile.Annotations = map[string]string{tagsAnnotation: strings.Join(source.Metadata.Tags, ",")}
	}
	if profile.Spec.Ingress, err = rulesOf(source.Spec.Ingress); err == nil {
		profile.Spec.Egress, err = rulesOf(source.Spec.Egress)
	}
	return profile, err
}

func rulesOf(source []writtenRule) ([]calico.Rule, error) {
	var result []calico.Rule
	for _, rule := range source {
		action, known := actions[rule.Action]
		if !known || len(rule.Source)+len(rule.Destination) > 0 {
			return nil, fmt.Errorf("error with field Action = '%s'", rule.Action)
		}
		result = append(result, calico.Rule{Action: action})
	}
	return result, nil
}
