package calicoctl

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"sigs.k8s.io/yaml"

	"calico-chatops/lab/internal/calico"
)

// printer writes results: single resources and lists.
type printer func(out io.Writer, asNumber func() string, results []any) error

// printerOf chooses by --output; a table without it.
func printerOf(given arguments) (printer, error) {
	output := first(given.options["output"], "ps")
	format, value, _ := strings.Cut(output, "=")
	switch format {
	case "yaml", "yml":
		return printYAML, nil
	case "json":
		return printJSON, nil
	case "ps", "wide":
		return table{wide: format == "wide", namespaces: given.has("all-namespaces") || given.has("namespace")}.print, nil
	case "custom-columns":
		if value == "" {
			return nil, fmt.Errorf("need to specify at least one column")
		}
		return table{headings: strings.Split(value, ","), namespaces: given.has("all-namespaces") || given.has("namespace")}.print, nil
	case "go-template", "go-template-file":
		return nil, fmt.Errorf("output format '%s': not yet", format)
	}
	return nil, fmt.Errorf("unrecognized output format '%s'", output)
}

// alone is the only result, or all of them (nil, that is null, for none).
func alone(results []any) any {
	if len(results) == 1 {
		return results[0]
	}
	return results
}

func printYAML(out io.Writer, _ func() string, results []any) error {
	text, err := yaml.Marshal(alone(results))
	if err == nil {
		_, err = out.Write(text)
	}
	return err
}

func printJSON(out io.Writer, _ func() string, results []any) error {
	text, err := json.MarshalIndent(alone(results), "", "  ")
	if err == nil {
		_, err = out.Write(text) // no newline at the end, as the real one
	}
	return err
}

// table prints each result as a table of its own, followed by an empty line.
type table struct {
	wide, namespaces bool
	headings         []string
}

func (chosen table) print(out io.Writer, asNumber func() string, results []any) error {
	for _, result := range results {
		kind, rows := calico.Kind{}, []calico.Resource(nil)
		switch shown := result.(type) {
		case *list:
			kind, rows = shown.kind, shown.Items
		case calico.Resource:
			kind, _ = exactKind(shown.GetObjectKind().GroupVersionKind().Kind)
			rows = []calico.Resource{shown}
		}
		shown, err := chosen.columns(kind, asNumber)
		if err != nil {
			return err
		}
		writer := tabwriter.NewWriter(out, 5, 1, 3, ' ', 0)
		for _, column := range shown {
			fmt.Fprint(writer, column.heading, "\t")
		}
		fmt.Fprintln(writer)
		for _, row := range rows {
			for _, column := range shown {
				fmt.Fprint(writer, column.value(row), "\t")
			}
			fmt.Fprintln(writer)
		}
		if err := writer.Flush(); err != nil {
			return err
		}
		fmt.Fprintln(out)
	}
	return nil
}

func (chosen table) columns(kind calico.Kind, asNumber func() string) ([]column, error) {
	narrow, wide := columns(kind, asNumber)
	shown := narrow
	if chosen.wide {
		shown = wide
	}
	namespace := column{"NAMESPACE", calico.Resource.GetNamespace}
	if chosen.headings != nil {
		shown = nil
		for _, heading := range chosen.headings {
			index := slices.IndexFunc(wide, func(candidate column) bool { return candidate.heading == strings.ToUpper(heading) })
			if index < 0 {
				return nil, fmt.Errorf("unknown output heading %s", heading)
			}
			shown = append(shown, wide[index])
		}
	}
	if kind.Namespaced && chosen.namespaces {
		shown = append([]column{namespace}, shown...)
	}
	return shown, nil
}
