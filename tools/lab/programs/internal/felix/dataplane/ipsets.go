package dataplane

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"calico-chatops/lab/internal/felix/active"
	"calico-chatops/lab/internal/felix/rules"
)

const maxSetSize = 1048576

// SyncSets creates the sets that are missing and makes the members of all what they must be.
// Sets that are not wanted stay until RemoveSets, since rules may still match on them.
func SyncSets(ctx context.Context, family rules.Family, wanted []active.Set) error {
	programmed, err := programmedSets(ctx)
	if err != nil {
		return err
	}
	var lines []string
	for _, set := range wanted {
		members, exists := programmed[set.Name]
		if !exists {
			lines = append(lines, fmt.Sprintf("create %s %s family %s maxelem %d", set.Name, set.Type, inet(family), maxSetSize))
		}
		for _, member := range set.Members {
			if !slices.Contains(members, member) {
				lines = append(lines, "add "+set.Name+" "+member)
			}
		}
		for _, member := range members {
			if !slices.Contains(set.Members, member) {
				lines = append(lines, "del "+set.Name+" "+member)
			}
		}
	}
	return restoreSets(ctx, lines)
}

func inet(family rules.Family) string {
	if family.Is6() {
		return "inet6"
	}
	return "inet"
}

// RemoveSets removes Calico's sets of the family that are not wanted.
func RemoveSets(ctx context.Context, family rules.Family, wanted []active.Set) error {
	programmed, err := programmedSets(ctx)
	if err != nil {
		return err
	}
	var lines []string
	for name := range programmed {
		isWanted := slices.ContainsFunc(wanted, func(set active.Set) bool { return set.Name == name })
		if strings.HasPrefix(name, family.SetPrefix()) && !isWanted {
			lines = append(lines, "destroy "+name)
		}
	}
	return restoreSets(ctx, lines)
}

func restoreSets(ctx context.Context, lines []string) error {
	if len(lines) == 0 {
		return nil
	}
	_, err := run(ctx, strings.Join(lines, "\n")+"\n", "ipset", "restore")
	return err
}

func programmedSets(ctx context.Context) (map[string][]string, error) {
	save, err := run(ctx, "", "ipset", "save")
	if err != nil {
		return nil, err
	}
	sets := make(map[string][]string)
	for _, line := range strings.Split(save, "\n") {
		switch fields := strings.Fields(line); {
		case len(fields) < 3:
		case fields[0] == "create":
			sets[fields[1]] = nil
		case fields[0] == "add":
			sets[fields[1]] = append(sets[fields[1]], fields[2])
		}
	}
	return sets, nil
}
