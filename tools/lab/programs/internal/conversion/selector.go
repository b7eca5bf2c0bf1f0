package conversion

import (
	"fmt"
	"sort"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const orchestratorIsKubernetes = "projectcalico.org/orchestrator == 'k8s'"

// podSelector is Calico's selector for a selector of pods; none given selects every pod.
func podSelector(selector *metav1.LabelSelector) string {
	return strings.Join(append([]string{orchestratorIsKubernetes}, terms(selector)...), " && ")
}

// namespaceSelector is Calico's selector for one of namespaces. None given is "": the policy's
// own namespace. An empty one is every namespace.
func namespaceSelector(selector *metav1.LabelSelector) string {
	if selector == nil {
		return ""
	}
	if all := terms(selector); len(all) > 0 {
		return strings.Join(all, " && ")
	}
	return "all()"
}

func terms(selector *metav1.LabelSelector) []string {
	if selector == nil {
		return nil
	}
	var all []string
	for name, value := range selector.MatchLabels {
		all = append(all, fmt.Sprintf("%s == '%s'", name, value))
	}
	sort.Strings(all)
	for _, expression := range selector.MatchExpressions {
		values := strings.Join(expression.Values, "', '")
		switch expression.Operator {
		case metav1.LabelSelectorOpIn:
			all = append(all, fmt.Sprintf("%s in { '%s' }", expression.Key, values))
		case metav1.LabelSelectorOpNotIn:
			all = append(all, fmt.Sprintf("%s not in { '%s' }", expression.Key, values))
		case metav1.LabelSelectorOpExists:
			all = append(all, fmt.Sprintf("has(%s)", expression.Key))
		case metav1.LabelSelectorOpDoesNotExist:
			all = append(all, fmt.Sprintf("! has(%s)", expression.Key))
		}
	}
	return all
}
