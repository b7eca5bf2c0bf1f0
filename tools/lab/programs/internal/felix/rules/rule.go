// Package rules renders what Felix puts into the kernel's packet filter: chains, rules and
// their tags, in Felix's own spelling. It is pure: nothing here touches the kernel.
package rules

import (
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"strings"
)

// TagPrefix begins the comment by which Felix knows its own rules.
const TagPrefix = "cali:"

const (
	tagLength     = 16
	commentLength = 256
)

// Rule is one rule in the arguments of iptables-restore: free comments, matches, and an action
// such as "--jump DROP" (empty for a rule that only carries a comment).
type Rule struct {
	Comments []string
	Match    []string
	Action   string
}

// Chain is a chain and its rules in order.
type Chain struct {
	Name  string
	Rules []Rule
}

// Hook is what Felix keeps in a chain of the kernel's own: rules at its top and at its end.
type Hook struct {
	Chain            string
	Inserted, Append []Rule
}

// Table is all that Felix keeps in one table.
type Table struct {
	Name   string
	Chains []Chain
	Hooks  []Hook
}

var unsafeInComment = regexp.MustCompile(`[^\w @%+=:,./-]`)

// body is the rule without its tag.
func (rule Rule) body() string {
	var parts []string
	for _, comment := range rule.Comments {
		safe := unsafeInComment.ReplaceAllString(comment, "_")
		if len(safe) > commentLength {
			safe = safe[:commentLength]
		}
		parts = append(parts, `-m comment --comment "`+safe+`"`)
	}
	parts = append(parts, rule.Match...)
	if rule.Action != "" {
		parts = append(parts, rule.Action)
	}
	return strings.Join(parts, " ")
}

// Line is the rule as iptables-restore takes it after "-A CHAIN ", with its tag.
func (rule Rule) Line(tag string) string {
	return strings.TrimRight(`-m comment --comment "`+TagPrefix+tag+`" `+rule.body(), " ")
}

// Tags are the tags of the chain's rules. Each hashes the one before it, so that a tag stands
// for its rule and all before it in the chain.
func (chain Chain) Tags() []string { return tags(chain.Name, chain.Rules) }

// InsertedTags are the tags of the rules at the top of the kernel's chain.
func (hook Hook) InsertedTags() []string { return tags(hook.Chain, hook.Inserted) }

// AppendedTags are the tags of the rules at its end, a series of their own.
func (hook Hook) AppendedTags() []string { return tags(hook.Chain+"*appends*", hook.Append) }

func tags(chain string, rules []Rule) []string {
	hash := sha256.Sum224([]byte(chain))
	var result []string
	for _, rule := range rules {
		text := append(hash[:], "-A "+chain+" HASH "+rule.body()...)
		hash = sha256.Sum224(text)
		result = append(result, base64.RawURLEncoding.EncodeToString(hash[:])[:tagLength])
	}
	return result
}
