package rules

import "strings"

// Family is the version of IP that rules and sets are for; the zero value is IPv4.
type Family struct{ six bool }

// The families.
var (
	IPv4 = Family{}
	IPv6 = Family{six: true}
)

// Is6 tells whether it is IPv6.
func (family Family) Is6() bool { return family.six }

// SetName is the name of a set of the family: Felix begins it with cali40 or cali60.
func (family Family) SetName(ofIPv4 string) string {
	if !family.six {
		return ofIPv4
	}
	return "cali60" + strings.TrimPrefix(ofIPv4, "cali40")
}

// SetPrefix begins the names of the family's sets.
func (family Family) SetPrefix() string { return family.SetName("cali40") }

// respelled is the rule of IPv4 as it is for the family.
func (family Family) respelled(rule Rule) Rule {
	if !family.six {
		return rule
	}
	rule.Match = append([]string(nil), rule.Match...)
	for at, text := range rule.Match {
		text = strings.ReplaceAll(text, "--match-set cali40", "--match-set cali60")
		text = strings.Replace(text, "-m icmp --icmp-type", "-m icmp6 --icmpv6-type", 1)
		rule.Match[at] = strings.Replace(text, "-m icmp ! --icmp-type", "-m icmp6 ! --icmpv6-type", 1)
	}
	return rule
}

// vxlanDevice is the family's own.
func (family Family) vxlanDevice() string {
	if family.six {
		return "vxlan-v6.calico"
	}
	return "vxlan.calico"
}

// inNft is the family of a table of nftables, and what begins the matches of addresses.
func (family Family) inNft() string {
	if family.six {
		return "ip6"
	}
	return "ip"
}

func (family Family) words() string {
	if family.six {
		return "IPv6"
	}
	return "IPv4"
}

// neighbourDiscovery is what a pod may ask of its node whatever its policy says: queries, reports and ends of multicast
// listeners, router solicitation, neighbour solicitation and advertisement.
func (family Family) neighbourDiscovery() []Rule {
	if !family.six {
		return nil
	}
	var rules []Rule
	for _, kind := range []string{"130", "131", "132", "133", "135", "136"} {
		rules = append(rules, Rule{Match: match("-p 58", "-m icmp6 --icmpv6-type "+kind), Action: jump("ACCEPT")})
	}
	return rules
}
