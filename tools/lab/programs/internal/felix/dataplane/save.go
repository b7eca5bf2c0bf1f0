package dataplane

import (
	"regexp"
	"strings"
)

var (
	tagOfRule  = regexp.MustCompile(`--comment "?cali:([\w-]+)`)
	jumpToCali = regexp.MustCompile(`(?:-j|-g) cali-`)
)

// programmedRule is a rule as the kernel has it: its tag, empty for one that is not Felix's,
// and whether it leads into a chain of Felix.
type programmedRule struct {
	tag       string
	leadsToUs bool
	// handle is nftables' number of it; 0 in a save of iptables.
	handle int
}

func (rule programmedRule) isOurs() bool { return rule.tag != "" || rule.leadsToUs }

// parseSave takes the output of iptables-save for one table apart, into chains.
func parseSave(save string) map[string][]programmedRule {
	chains := make(map[string][]programmedRule)
	for _, line := range strings.Split(save, "\n") {
		fields := strings.Fields(line)
		switch {
		case strings.HasPrefix(line, ":"):
			chains[fields[0][1:]] = nil
		case strings.HasPrefix(line, "-A "):
			rule := programmedRule{leadsToUs: jumpToCali.MatchString(line)}
			if tag := tagOfRule.FindStringSubmatch(line); tag != nil {
				rule.tag = tag[1]
			}
			chains[fields[1]] = append(chains[fields[1]], rule)
		}
	}
	return chains
}
