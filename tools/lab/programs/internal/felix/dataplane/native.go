package dataplane

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"calico-chatops/lab/internal/felix/active"
	"calico-chatops/lab/internal/felix/rules"
)

// SyncNative brings a table of nftables and its sets to what they must be, in one transaction,
// and tells whether anything had to be changed. Rules of others in chains that the kernel calls
// stay; a chain of Felix's own that differs is written anew.
func SyncNative(ctx context.Context, wanted rules.Native, sets []active.Set) (changed bool, err error) {
	current, err := readNative(ctx, wanted.Family, wanted.Name)
	if err != nil {
		return false, err
	}
	script := nativePlan(wanted, sets, current)
	if script == "" {
		return false, nil
	}
	_, err = run(ctx, script, "nft", "-f", "-")
	return true, err
}

// RemoveNative takes away what a Felix in nftables mode left.
func RemoveNative(ctx context.Context) error {
	for family, table := range rules.NativeTables {
		current, err := readNative(ctx, family, table)
		if err != nil {
			return err
		}
		if !current.exists {
			continue
		}
		if _, err := run(ctx, "", "nft", "delete", "table", family, table); err != nil {
			return err
		}
	}
	return nil
}

// nativePlan is the input of nft that makes the table what it must be, and empty when it is so
// already. What rules and maps refer to comes before them, and goes after them.
func nativePlan(wanted rules.Native, sets []active.Set, current nativeState) string {
	plan := nativeScript{table: wanted.Family + " " + wanted.Name}
	if !current.exists {
		plan.lines = append(plan.lines, "add table "+plan.table)
	}
	for _, set := range sets {
		plan.set(set, current)
	}
	for _, one := range wanted.Maps {
		if _, exists := current.maps[one.Name]; !exists {
			plan.add("add map %s %s { type ifname : verdict ; }", one.Name)
		}
	}
	for _, base := range wanted.Bases {
		if _, exists := current.chains[base.Name]; !exists {
			plan.add("add chain %s %s { "+base.Spec+" ; }", base.Name)
		}
	}
	for _, chain := range wanted.Chains {
		if _, exists := current.chains[chain.Name]; !exists {
			plan.add("add chain %s %s", chain.Name)
		}
	}
	for _, one := range wanted.Maps {
		plan.verdicts(one, current.maps[one.Name])
	}
	for _, base := range wanted.Bases {
		plan.base(base, current.chains[base.Name])
	}
	for _, chain := range wanted.Chains {
		if !slices.Equal(tagsOf(current.chains[chain.Name]), nativeTags(chain.Rules)) {
			plan.add("flush chain %s %s", chain.Name)
			for _, rule := range chain.Rules {
				plan.rule("add", chain.Name, rule)
			}
		}
	}
	plan.remove(wanted, sets, current)
	if len(plan.lines) == 0 {
		return ""
	}
	return strings.Join(plan.lines, "\n") + "\n"
}

// nativeScript collects lines of nft about one table.
type nativeScript struct {
	table string
	lines []string
}

// add takes a line with two gaps: for the table, and for the name of what it is about.
func (script *nativeScript) add(line, name string) {
	script.lines = append(script.lines, fmt.Sprintf(line, script.table, name))
}

func (script *nativeScript) rule(verb, chain string, rule rules.NativeRule) {
	script.lines = append(script.lines, fmt.Sprintf("%s rule %s %s %s comment %q", verb, script.table, chain, rule.Text, rule.Comment))
}

func (script *nativeScript) set(set active.Set, current nativeState) {
	name := nativeSetName(set.Name)
	members, exists := current.sets[name]
	if !exists {
		script.add("add set %s %s { "+script.setType(set)+" ; }", name)
	}
	wanted := slices.Sorted(slices.Values(set.Members))
	if slices.Equal(wanted, members) {
		return
	}
	script.add("flush set %s %s", name)
	if len(wanted) > 0 {
		var elements []string
		for _, member := range wanted {
			elements = append(elements, nativeElement(member))
		}
		script.add("add element %s %s { "+strings.Join(elements, ", ")+" }", name)
	}
}

func (script *nativeScript) verdicts(wanted rules.VerdictMap, current map[string]string) {
	if maps.Equal(wanted.Chains, current) {
		return
	}
	script.add("flush map %s %s", wanted.Name)
	var elements []string
	for _, device := range slices.Sorted(maps.Keys(wanted.Chains)) {
		elements = append(elements, fmt.Sprintf("%q : goto %s", device, wanted.Chains[device]))
	}
	if len(elements) > 0 {
		script.add("add element %s %s { "+strings.Join(elements, ", ")+" }", wanted.Name)
	}
}

// base puts Felix's rules where they belong in a chain of the kernel's, before and after others'.
func (script *nativeScript) base(base rules.NativeBase, programmed []programmedRule) {
	wanted := nativeTags(base.Inserted)
	for _, rule := range programmed {
		if !rule.isOurs() {
			wanted = append(wanted, "")
		}
	}
	if slices.Equal(append(wanted, nativeTags(base.Appended)...), tagsOf(programmed)) {
		return
	}
	for _, rule := range programmed {
		if rule.isOurs() {
			script.add("delete rule %s %s handle "+fmt.Sprint(rule.handle), base.Name)
		}
	}
	for _, rule := range slices.Backward(base.Inserted) {
		script.rule("insert", base.Name, rule)
	}
	for _, rule := range base.Appended {
		script.rule("add", base.Name, rule)
	}
}

// remove takes away chains, maps and sets that are not wanted: an earlier state had them.
func (script *nativeScript) remove(wanted rules.Native, sets []active.Set, current nativeState) {
	kept := make(map[string]bool)
	for _, base := range wanted.Bases {
		kept["chain "+base.Name] = true
	}
	for _, chain := range wanted.Chains {
		kept["chain "+chain.Name] = true
	}
	for _, one := range wanted.Maps {
		kept["map "+one.Name] = true
	}
	for _, set := range sets {
		kept["set "+nativeSetName(set.Name)] = true
	}
	for name := range current.chains {
		if !kept["chain "+name] {
			script.add("flush chain %s %s", name)
		}
	}
	// A map leads to chains, and chains ask sets.
	script.delete("map", slices.Sorted(maps.Keys(current.maps)), kept)
	script.delete("chain", slices.Sorted(maps.Keys(current.chains)), kept)
	script.delete("set", slices.Sorted(maps.Keys(current.sets)), kept)
}

func (script *nativeScript) delete(kind string, names []string, kept map[string]bool) {
	for _, name := range names {
		if !kept[kind+" "+name] {
			script.add("delete "+kind+" %s %s", name)
		}
	}
}

func nativeTags(source []rules.NativeRule) []string {
	var tags []string
	for _, rule := range source {
		tags = append(tags, rule.Tag)
	}
	return tags
}

func nativeSetName(name string) string { return strings.ReplaceAll(name, ":", "-") }

var nativeSetTypes = map[string]string{
	"hash:ip":      "type ipv4_addr",
	"hash:net":     "type ipv4_addr ; flags interval",
	"hash:ip,port": "type ipv4_addr . inet_proto . inet_service",
}

func (script *nativeScript) setType(set active.Set) string {
	spelled := nativeSetTypes[set.Type]
	if strings.HasPrefix(script.table, "ip6 ") {
		return strings.Replace(spelled, "ipv4_addr", "ipv6_addr", 1)
	}
	return spelled
}

// nativeElement respells a member as ipset prints it: 10.0.0.1,tcp:80.
func nativeElement(member string) string {
	address, port, hasPort := strings.Cut(member, ",")
	if !hasPort {
		return address
	}
	return address + " . " + strings.Replace(port, ":", " . ", 1)
}
