package active

import (
	"fmt"
	"strings"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/felix/selector"
)

const (
	namespacePrefix      = "pcns."
	serviceAccountPrefix = "pcsa."
	serviceAccountLabel  = "projectcalico.org/serviceaccount"
)

// entitySelector is one selector for all that an entity says about endpoints: its namespaces,
// its service accounts and its own selector. Empty when it says nothing. In a namespace the
// entity means endpoints of that namespace unless it selects namespaces itself.
func entitySelector(namespace string, entity calico.EntityRule) (string, error) {
	own, err := serviceAccountSelector(entity.ServiceAccounts)
	if err != nil {
		return "", err
	}
	if entity.Selector != "" {
		if own == "" {
			own = entity.Selector
		} else {
			own = "(" + own + ") && (" + entity.Selector + ")"
		}
	}
	namespaces := ""
	if entity.NamespaceSelector != "" {
		if namespaces, err = namespaceSelector(entity.NamespaceSelector); err != nil {
			return "", err
		}
	} else if namespace != "" {
		namespaces = fmt.Sprintf("%s == '%s'", namespaceLabel, namespace)
	}
	switch {
	case namespaces == "" || own == "" && entity.NotSelector == "" && entity.NamespaceSelector == "":
		return own, nil
	case own == "":
		return namespaces, nil
	default:
		return "(" + namespaces + ") && (" + own + ")", nil
	}
}

// namespaceSelector is the selector in the labels that namespaces give to their pods.
func namespaceSelector(text string) (string, error) {
	prefixed, err := prefixedSelector(text, namespacePrefix)
	prefixed = strings.ReplaceAll(prefixed, "all()", "has("+namespaceLabel+")")
	return strings.ReplaceAll(prefixed, "global()", "!has("+namespaceLabel+")"), err
}

func serviceAccountSelector(match *calico.ServiceAccountMatch) (string, error) {
	if match == nil {
		return "", nil
	}
	bySelector := ""
	if match.Selector != "" {
		var err error
		if bySelector, err = prefixedSelector(match.Selector, serviceAccountPrefix); err != nil {
			return "", err
		}
	}
	if len(match.Names) == 0 {
		return bySelector, nil
	}
	byName, err := prefixedSelector(fmt.Sprintf("%s in {'%s'}", serviceAccountLabel, strings.Join(match.Names, "', '")), "")
	if err == nil && bySelector != "" {
		byName = "(" + bySelector + ") && (" + byName + ")"
	}
	return byName, err
}

func prefixedSelector(text, prefix string) (string, error) {
	parsed, err := selector.Parse(text)
	if err != nil {
		return "", err
	}
	return parsed.WithPrefix(prefix).String(), nil
}
