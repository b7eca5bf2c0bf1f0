package dataplane

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// nativeState is a table of nftables as the kernel has it.
type nativeState struct {
	exists bool
	chains map[string][]programmedRule
	// Members as ipset would print them, sorted.
	sets map[string][]string
	// Chains by interface.
	maps map[string]map[string]string
}

type nativeObject struct {
	Chain *struct{ Name string }
	Set   *struct {
		Name string
		Elem []any
	}
	Map *struct {
		Name string
		Elem [][]any
	}
	Rule *struct {
		Chain, Comment string
		Handle         int
		Expr           []any
	}
}

// readNative reads one table; one that is not there is empty.
func readNative(ctx context.Context, family, table string) (nativeState, error) {
	state := nativeState{
		chains: make(map[string][]programmedRule), sets: make(map[string][]string), maps: make(map[string]map[string]string),
	}
	listing, err := run(ctx, "", "nft", "-j", "list", "table", family, table)
	if err != nil && strings.Contains(err.Error(), "No such file or directory") {
		return state, nil
	}
	var parsed struct{ Nftables []nativeObject }
	if err == nil {
		err = json.Unmarshal([]byte(listing), &parsed)
	}
	if err != nil {
		return state, err
	}
	state.exists = true
	for _, object := range parsed.Nftables {
		switch {
		case object.Chain != nil:
			state.chains[object.Chain.Name] = state.chains[object.Chain.Name]
		case object.Rule != nil:
			rule := programmedRule{handle: object.Rule.Handle}
			if tag, found := strings.CutPrefix(object.Rule.Comment, "cali:"); found {
				rule.tag, _, _ = strings.Cut(tag, ";")
			}
			state.chains[object.Rule.Chain] = append(state.chains[object.Rule.Chain], rule)
		case object.Set != nil:
			members := []string{}
			for _, element := range object.Set.Elem {
				members = append(members, memberText(element))
			}
			slices.Sort(members)
			state.sets[object.Set.Name] = members
		case object.Map != nil:
			state.maps[object.Map.Name] = verdictsOf(object.Map.Elem)
		}
	}
	return state, nil
}

// memberText is an element as ipset prints it; of what Felix never adds, whatever differs.
func memberText(element any) string {
	parts, isObject := element.(map[string]any)
	if !isObject {
		return fmt.Sprint(element)
	}
	if prefix, found := parts["prefix"].(map[string]any); found {
		return fmt.Sprintf("%v/%v", prefix["addr"], prefix["len"])
	}
	if fields, found := parts["concat"].([]any); found && len(fields) == 3 {
		return fmt.Sprintf("%v,%v:%v", fields[0], fields[1], fields[2])
	}
	return fmt.Sprint(element)
}

func verdictsOf(elements [][]any) map[string]string {
	verdicts := make(map[string]string)
	for _, element := range elements {
		if len(element) != 2 {
			continue
		}
		leads, _ := element[1].(map[string]any)
		target, _ := leads["goto"].(map[string]any)
		verdicts[fmt.Sprint(element[0])] = fmt.Sprint(target["target"])
	}
	return verdicts
}
