// Package selector reads Calico's label selectors, evaluates them and spells them canonically.
package selector

import (
	"fmt"
	"slices"
)

// Selector is a parsed selector.
type Selector struct{ root node }

// Matches tells whether labels (an endpoint's own and those its profiles give it) are selected.
func (s Selector) Matches(labels map[string]string) bool { return s.root.matches(labels) }

// String is the canonical text, from which the name of the selector's IP set is made.
func (s Selector) String() string { return s.root.text() }

// WithPrefix is the selector with the prefix before each label, as a namespace's labels get
// "pcns." when they come down to its pods.
func (s Selector) WithPrefix(prefix string) Selector { return Selector{s.root.prefixed(prefix)} }

// Parse reads a selector. An empty one selects everything.
func Parse(text string) (Selector, error) {
	tokens, err := tokenize(text)
	if err != nil {
		return Selector{}, err
	}
	if len(tokens) == 1 {
		return Selector{constant{"all"}}, nil
	}
	p := &parser{tokens: tokens}
	root, err := p.or()
	if err == nil && p.tokens[0].kind != tokenEnd {
		err = fmt.Errorf("unexpected %q", p.tokens[0].text)
	}
	if err != nil {
		return Selector{}, fmt.Errorf("selector %q: %w", text, err)
	}
	return Selector{root}, nil
}

type parser struct{ tokens []token }

func (p *parser) take() token {
	taken := p.tokens[0]
	if taken.kind != tokenEnd {
		p.tokens = p.tokens[1:]
	}
	return taken
}

// accept takes the next token if it is this sign or keyword.
func (p *parser) accept(text string) bool {
	next := p.tokens[0]
	if (next.kind != tokenSign && next.kind != tokenName) || next.text != text {
		return false
	}
	p.take()
	return true
}

func (p *parser) expect(sign string) error {
	if !p.accept(sign) {
		return fmt.Errorf("expected %q, found %q", sign, p.tokens[0].text)
	}
	return nil
}

func (p *parser) or() (node, error)  { return p.joined("||", p.and) }
func (p *parser) and() (node, error) { return p.joined("&&", p.operation) }

func (p *parser) joined(sign string, operand func() (node, error)) (node, error) {
	var operands []node
	for {
		next, err := operand()
		if err != nil {
			return nil, err
		}
		operands = append(operands, next)
		if !p.accept(sign) {
			break
		}
	}
	if len(operands) == 1 {
		return operands[0], nil
	}
	return junction{sign, operands}, nil
}

func (p *parser) operation() (node, error) {
	negated := false
	for p.accept("!") {
		negated = !negated
	}
	operand, err := p.primary()
	if err == nil && negated {
		operand = negation{operand}
	}
	return operand, err
}

func (p *parser) primary() (node, error) {
	if p.accept("(") {
		inner, err := p.or()
		if err == nil {
			err = p.expect(")")
		}
		return inner, err
	}
	name := p.take()
	if name.kind != tokenName {
		return nil, fmt.Errorf("expected a label, found %q", name.text)
	}
	if p.accept("(") {
		return p.function(name.text)
	}
	return p.predicate(name.text)
}

func (p *parser) function(name string) (node, error) {
	switch name {
	case "all", "global":
		return constant{name}, p.expect(")")
	case "has":
		label := p.take()
		if label.kind != tokenName {
			return nil, fmt.Errorf("has() of %q", label.text)
		}
		return has{label.text}, p.expect(")")
	default:
		return nil, fmt.Errorf("no function %q", name)
	}
}

func (p *parser) predicate(label string) (node, error) {
	operator := p.take().text
	switch operator {
	case "==", "!=", "contains":
	case "starts", "ends":
		if err := p.expect("with"); err != nil {
			return nil, err
		}
		operator += " with"
	case "in":
		return p.set(label, false)
	case "not":
		if err := p.expect("in"); err != nil {
			return nil, err
		}
		return p.set(label, true)
	default:
		return nil, fmt.Errorf("no operator %q", operator)
	}
	value := p.take()
	if value.kind != tokenText {
		return nil, fmt.Errorf("expected a quoted text, found %q", value.text)
	}
	return comparison{label, operator, value.text}, nil
}

func (p *parser) set(label string, not bool) (node, error) {
	if err := p.expect("{"); err != nil {
		return nil, err
	}
	var values []string
	for p.tokens[0].kind == tokenText {
		values = append(values, p.take().text)
		if !p.accept(",") {
			break
		}
	}
	slices.Sort(values)
	return membership{label, not, slices.Compact(values)}, p.expect("}")
}
