package selector

import (
	"slices"
	"strings"
)

// node is one part of a parsed selector. text is Calico's canonical spelling, which names the
// IP set of the selector, so every space and bracket of it counts.
type node interface {
	matches(labels map[string]string) bool
	text() string
	prefixed(prefix string) node
}

// comparison is one of == != contains, starts with, ends with.
type comparison struct{ label, operator, value string }

func (c comparison) matches(labels map[string]string) bool {
	value, present := labels[c.label]
	switch c.operator {
	case "==":
		return present && value == c.value
	case "!=":
		return !present || value != c.value
	case "contains":
		return present && strings.Contains(value, c.value)
	case "starts with":
		return present && strings.HasPrefix(value, c.value)
	default:
		return present && strings.HasSuffix(value, c.value)
	}
}

func (c comparison) text() string { return c.label + " " + c.operator + " " + quoted(c.value) }

func (c comparison) prefixed(prefix string) node {
	return comparison{prefix + c.label, c.operator, c.value}
}

// membership is "in" or "not in"; its values are sorted and each there once.
type membership struct {
	label  string
	not    bool
	values []string
}

func (m membership) matches(labels map[string]string) bool {
	value, present := labels[m.label]
	return (present && slices.Contains(m.values, value)) != m.not
}

func (m membership) text() string {
	operator := " in {"
	if m.not {
		operator = " not in {"
	}
	var values []string
	for _, value := range m.values {
		values = append(values, quoted(value))
	}
	return m.label + operator + strings.Join(values, ", ") + "}"
}

func (m membership) prefixed(prefix string) node {
	return membership{prefix + m.label, m.not, m.values}
}

type has struct{ label string }

func (h has) matches(labels map[string]string) bool { _, present := labels[h.label]; return present }
func (h has) text() string                          { return "has(" + h.label + ")" }
func (h has) prefixed(prefix string) node           { return has{prefix + h.label} }

// constant is all() or global(): both match every endpoint.
type constant struct{ name string }

func (c constant) matches(map[string]string) bool { return true }
func (c constant) text() string                   { return c.name + "()" }
func (c constant) prefixed(string) node           { return c }

type negation struct{ operand node }

func (n negation) matches(labels map[string]string) bool { return !n.operand.matches(labels) }
func (n negation) text() string                          { return "!" + n.operand.text() }
func (n negation) prefixed(prefix string) node           { return negation{n.operand.prefixed(prefix)} }

// junction is && or || of two or more operands.
type junction struct {
	sign     string
	operands []node
}

func (j junction) matches(labels map[string]string) bool {
	for _, operand := range j.operands {
		if operand.matches(labels) != (j.sign == "&&") {
			return j.sign == "||"
		}
	}
	return j.sign == "&&"
}

func (j junction) text() string {
	var texts []string
	for _, operand := range j.operands {
		texts = append(texts, operand.text())
	}
	return "(" + strings.Join(texts, " "+j.sign+" ") + ")"
}

func (j junction) prefixed(prefix string) node {
	var operands []node
	for _, operand := range j.operands {
		operands = append(operands, operand.prefixed(prefix))
	}
	return junction{j.sign, operands}
}

func quoted(value string) string {
	if strings.Contains(value, `"`) {
		return "'" + value + "'"
	}
	return `"` + value + `"`
}
