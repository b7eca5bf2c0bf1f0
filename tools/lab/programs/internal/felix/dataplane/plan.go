package dataplane

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"calico-chatops/lab/internal/felix/rules"
)

// Backend is where rules are programmed.
type Backend string

// The backends of iptables, and a table of nftables without iptables.
const (
	Legacy Backend = "legacy"
	NFT    Backend = "nft"
	Native Backend = "nftables"
)

// plan is the input of iptables-restore --noflush that makes a table what it must be, and
// empty when it is so already. The chains that are left over can only go when nothing refers
// to them any more, so they are a second input, after the first.
func plan(backend Backend, wanted rules.Table, programmed map[string][]programmedRule) (changes, removals string) {
	var lines, created []string
	for _, chain := range wanted.Chains {
		rules, exists := programmed[chain.Name]
		updates := chainUpdates(backend, chain, rules)
		if !exists || backend == NFT && len(updates) > 0 {
			created = append(created, ":"+chain.Name+" - -") // an existing chain is emptied by this
		}
		lines = append(lines, updates...)
	}
	for _, hook := range wanted.Hooks {
		lines = append(lines, hookUpdates(hook, programmed[hook.Chain])...)
	}
	var emptied, removed []string
	for _, name := range staleChains(wanted, programmed) {
		emptied, removed = append(emptied, ":"+name+" - -"), append(removed, "-X "+name)
	}
	return restoreInput(wanted.Name, append(created, lines...)), restoreInput(wanted.Name, append(emptied, removed...))
}

func restoreInput(table string, lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return "*" + table + "\n" + strings.Join(lines, "\n") + "\nCOMMIT\n"
}

// chainUpdates changes only what differs in legacy mode, so that the counters of the other
// rules live on; in nft mode the whole chain is written anew, as Felix does.
func chainUpdates(backend Backend, chain rules.Chain, programmed []programmedRule) []string {
	tags := chain.Tags()
	if backend == NFT {
		if slices.Equal(tags, tagsOf(programmed)) {
			return nil
		}
		programmed = nil
	}
	var lines []string
	for position, rule := range chain.Rules {
		line := rule.Line(tags[position])
		switch {
		case position >= len(programmed):
			lines = append(lines, "-A "+chain.Name+" "+line)
		case programmed[position].tag != tags[position]:
			lines = append(lines, fmt.Sprintf("-R %s %d %s", chain.Name, position+1, line))
		}
	}
	for position := len(programmed); position > len(tags); position-- {
		lines = append(lines, fmt.Sprintf("-D %s %d", chain.Name, position))
	}
	return lines
}

func tagsOf(programmed []programmedRule) []string {
	var tags []string
	for _, rule := range programmed {
		tags = append(tags, rule.tag)
	}
	return tags
}

// hookUpdates puts Felix's rules in a chain of the kernel's own where they belong: those to be
// inserted before every other rule, those to be appended after. Others' rules stay.
func hookUpdates(hook rules.Hook, programmed []programmedRule) []string {
	inserted, appended := hook.InsertedTags(), hook.AppendedTags()
	wanted := slices.Clone(inserted)
	for _, rule := range programmed {
		if !rule.isOurs() {
			wanted = append(wanted, "")
		}
	}
	if slices.Equal(append(wanted, appended...), tagsOf(programmed)) {
		return nil
	}
	var lines []string
	for position := len(programmed) - 1; position >= 0; position-- {
		if programmed[position].isOurs() {
			lines = append(lines, fmt.Sprintf("-D %s %d", hook.Chain, position+1))
		}
	}
	for position := len(hook.Inserted) - 1; position >= 0; position-- {
		lines = append(lines, "-I "+hook.Chain+" "+hook.Inserted[position].Line(inserted[position]))
	}
	for position, rule := range hook.Append {
		lines = append(lines, "-A "+hook.Chain+" "+rule.Line(appended[position]))
	}
	return lines
}

func staleChains(wanted rules.Table, programmed map[string][]programmedRule) []string {
	var stale []string
	for _, name := range slices.Sorted(maps.Keys(programmed)) {
		isWanted := slices.ContainsFunc(wanted.Chains, func(chain rules.Chain) bool { return chain.Name == name })
		if strings.HasPrefix(name, "cali-") && !isWanted {
			stale = append(stale, name)
		}
	}
	return stale
}
