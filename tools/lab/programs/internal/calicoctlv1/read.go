package calicoctlv1

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"sigs.k8s.io/yaml"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
)

// kind is how version 1 names a kind, and where the lab keeps its objects.
type kind struct {
	name   string
	stored string
	shown  func(calico.Resource) object
	// Fields of the table: of the metadata, or with a dot before them of the specification.
	columns, wide []string
}

var kinds = []kind{
	{"profile", "Profile", func(one calico.Resource) object { return ofProfile(one.(*calico.Profile)) }, []string{"name"}, []string{"name", "tags"}},
	{"workloadEndpoint", "WorkloadEndpoint", func(one calico.Resource) object { return ofEndpoint(one.(*calico.WorkloadEndpoint)) },
		[]string{"node", "orchestrator", "workload", "name"},
		[]string{"node", "orchestrator", "workload", "name", ".ipNetworks", ".ipNATs", ".interfaceName", ".profiles"}},
	{"ipPool", "IPPool", func(one calico.Resource) object { return ofPool(one.(*calico.IPPool)) }, []string{"cidr"}, []string{"cidr", ".nat-outgoing"}},
	{"policy", "GlobalNetworkPolicy", func(one calico.Resource) object { return ofPolicy(one.(*calico.GlobalNetworkPolicy)) }, []string{"name"}, []string{"name", ".order", ".selector"}},
	{"node", "Node", func(one calico.Resource) object { return ofNode(one.(*calico.Node)) }, []string{"name"}, []string{"name"}},
}

var headings = map[string]string{".ipNetworks": "NETWORKS", ".ipNATs": "NATS", ".interfaceName": "INTERFACE", ".nat-outgoing": "NAT"}

func kindNamed(name string) (kind, bool) {
	for _, one := range kinds {
		lower := strings.ToLower(one.name)
		plural := strings.TrimSuffix(lower, "y") + map[bool]string{true: "ies", false: "s"}[strings.HasSuffix(lower, "y")]
		if given := strings.ToLower(name); given == lower || given == lower+"s" || given == plural {
			return one, true
		}
	}
	return kind{}, false
}

// read returns the objects that match all that was given; none is no error.
func read(ctx context.Context, store *datastore.Client, given asked) ([]object, error) {
	if len(given.words) == 0 {
		return nil, fmt.Errorf("no resources specified")
	}
	asked, known := kindNamed(given.words[0])
	if !known {
		return nil, fmt.Errorf("Resource type '%s' is not supported", given.words[0]) //nolint:staticcheck // the real one's words
	}
	stored, _ := calico.KindNamed(asked.stored)
	resources, _, err := store.List(ctx, stored, "")
	if err != nil {
		return nil, err
	}
	wanted := map[string]string{"node": given.node, "orchestrator": given.orchestrator, "workload": given.workload}
	if len(given.words) > 1 {
		wanted[asked.columns[len(asked.columns)-1]] = given.words[1]
	}
	objects := []object{}
	for _, resource := range resources {
		one := asked.shown(resource)
		if matches(one, wanted) && resource.GetName() != "projectcalico-default-allow" {
			objects = append(objects, one)
		}
	}
	return objects, nil
}

func matches(one object, wanted map[string]string) bool {
	for field, value := range wanted {
		if value != "" && one.Metadata[field] != value {
			return false
		}
	}
	return true
}

func show(out io.Writer, given asked, objects []object) error {
	switch given.output {
	case "yaml":
		text, err := yaml.Marshal(objects)
		if err == nil {
			_, err = out.Write(text)
		}
		return err
	case "json":
		text, err := json.MarshalIndent(objects, "", "  ")
		if err == nil {
			_, err = fmt.Fprintf(out, "%s\n", text)
		}
		return err
	case "ps", "wide":
		asked, _ := kindNamed(given.words[0])
		columns := asked.columns
		if given.output == "wide" {
			columns = asked.wide
		}
		return table(out, columns, objects)
	}
	return fmt.Errorf("unrecognized output format '%s'", given.output)
}

func table(out io.Writer, columns []string, objects []object) error {
	writer := tabwriter.NewWriter(out, 5, 1, 3, ' ', 0)
	row := func(cell func(string) string) {
		for _, column := range columns {
			_, _ = fmt.Fprintf(writer, "%s\t", cell(column))
		}
		_, _ = fmt.Fprintln(writer)
	}
	row(func(column string) string {
		if heading, there := headings[column]; there {
			return heading
		}
		return strings.ToUpper(strings.TrimPrefix(column, "."))
	})
	for _, one := range objects {
		row(func(column string) string {
			fields := one.Metadata
			if name, ofSpec := strings.CutPrefix(column, "."); ofSpec {
				fields, column = one.Spec, name
			}
			switch value := fields[column].(type) {
			case nil:
				return ""
			case []string:
				return strings.Join(value, ",")
			default:
				return fmt.Sprint(value)
			}
		})
	}
	_, _ = fmt.Fprintln(writer)
	return writer.Flush()
}
