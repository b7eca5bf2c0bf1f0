package capturetest_test

import (
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// comparison counts the rules that were compared, since a capture without any proves nothing.
type comparison struct {
	test *testing.T
	// written finds in a line of a capture what Felix writes into the comment of its own rules.
	written  *regexp.Regexp
	compared int
}

// chains compares, chain by chain, what the stand-in wrote into its rules with what real Felix did.
func (c *comparison) chains(where string, rendered, captured map[string][]string) {
	c.test.Helper()
	for _, name := range slices.Sorted(maps.Keys(captured)) {
		var texts []string
		for _, line := range captured[name] {
			if found := c.written.FindStringSubmatch(line); found != nil {
				texts = append(texts, found[1])
			}
		}
		if !slices.Equal(rendered[name], texts) {
			c.test.Errorf("%s %s:\nrendered %q\ncaptured %q\n%s",
				where, name, rendered[name], texts, strings.Join(captured[name], "\n"))
		}
		c.compared += len(texts)
	}
	for name := range rendered {
		if _, there := captured[name]; !there {
			c.test.Errorf("%s: rendered chain %q is not in the capture", where, name)
		}
	}
}

func (c *comparison) end() {
	c.test.Helper()
	c.test.Logf("%d rules compared", c.compared)
	if c.compared < 500 {
		c.test.Errorf("only %d rules compared", c.compared)
	}
}
