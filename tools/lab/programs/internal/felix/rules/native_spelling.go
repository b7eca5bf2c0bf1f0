package rules

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"net/netip"
	"regexp"
	"strconv"
	"strings"
)

// nftCommentLength is what nft takes; the texts behind the tag share what it leaves.
const nftCommentLength = 128

// nativeRules are a chain's rules in Felix's words for nft, with their tags: each hashes the one
// before it and the rule's text, without the comment.
func (family Family) nativeRules(layer, chain string, source []Rule) []NativeRule {
	hash := sha256.Sum224([]byte(chain))
	var result []NativeRule
	for _, rule := range source {
		text := family.native(layer, rule)
		hash = sha256.Sum224(append(hash[:], text...))
		tag := base64.RawURLEncoding.EncodeToString(hash[:])[:tagLength]
		result = append(result, NativeRule{Tag: tag, Text: text, Comment: nativeComment(tag, rule.Comments)})
	}
	return result
}

func nativeComment(tag string, comments []string) string {
	whole := TagPrefix + tag + ";"
	if len(comments) == 0 {
		return whole
	}
	most := (nftCommentLength - len(whole)) / len(comments)
	for _, comment := range comments {
		safe := unsafeInComment.ReplaceAllString(comment, "_")
		whole += " " + safe[:min(len(safe), most)]
	}
	return whole[:min(len(whole), nftCommentLength)]
}

// native is the rule in nft's words: matches, a counter, and what is done.
func (family Family) native(layer string, rule Rule) string {
	var parts []string
	protocol := ""
	for _, one := range rule.Match {
		if name, found := strings.CutPrefix(one, "-p "); found {
			protocol = name
			if known, numbered := transports[name]; numbered {
				protocol = known
			}
		}
		parts = append(parts, family.nativeMatch(one, protocol))
	}
	if rule.Action != "" {
		parts = append(parts, "counter", nativeAction(layer, rule.Action))
	}
	if len(parts) == 0 {
		return "continue"
	}
	return strings.Join(parts, " ")
}

var transports = map[string]string{"6": "tcp", "17": "udp", "132": "sctp"}

// nativeMatches are the spellings of each match: of iptables, in which rules are built here, and
// of nft. {op} is a negation where there is one, {is} a comparison, {ip} the family.
var nativeMatches = []struct {
	iptables *regexp.Regexp
	nft      string
}{
	{regexp.MustCompile(`^(?:! )?-p (\S+)$`), "meta l4proto {op}$1"},
	{regexp.MustCompile(`^(?:! )?--source (\S+)$`), "{ip} saddr {op}$1"},
	{regexp.MustCompile(`^(?:! )?--destination (\S+)$`), "{ip} daddr {op}$1"},
	{regexp.MustCompile(`^-m set (?:! )?--match-set (\S+) src$`), "{ip} saddr {op}@$1"},
	{regexp.MustCompile(`^-m set (?:! )?--match-set (\S+) dst$`), "{ip} daddr {op}@$1"},
	{regexp.MustCompile(`^-m set (?:! )?--match-set (\S+) src,src$`), "{ip} saddr . meta l4proto . th sport {op}@$1"},
	{regexp.MustCompile(`^-m set (?:! )?--match-set (\S+) dst,dst$`), "{ip} daddr . meta l4proto . th dport {op}@$1"},
	{regexp.MustCompile(`^-m multiport (?:! )?--source-ports (\S+)$`), "{protocol} sport {op}{ $1 }"},
	{regexp.MustCompile(`^-m multiport (?:! )?--destination-ports (\S+)$`), "{protocol} dport {op}{ $1 }"},
	{regexp.MustCompile(`^--dport (\S+)$`), "{protocol} dport $1"},
	{regexp.MustCompile(`^-m icmp (?:! )?--icmp-type (\d+)/(\d+)$`), "icmp type {op}$1 code {op}$2"},
	{regexp.MustCompile(`^-m icmp (?:! )?--icmp-type (\d+)$`), "icmp type {op}$1"},
	{regexp.MustCompile(`^-m icmp6 (?:! )?--icmpv6-type (\d+)/(\d+)$`), "icmpv6 type {op}$1 code {op}$2"},
	{regexp.MustCompile(`^-m icmp6 (?:! )?--icmpv6-type (\d+)$`), "icmpv6 type {op}$1"},
	{regexp.MustCompile(`^-m mark (?:! )?--mark (\S+)/(\S+)$`), "meta mark & $2 {is} $1"},
	{regexp.MustCompile(`^-m conntrack --ctstate RELATED,ESTABLISHED$`), "ct state related,established"},
	{regexp.MustCompile(`^-m conntrack --ctstate INVALID$`), "ct state invalid"},
	{regexp.MustCompile(`^-m conntrack (?:! )?--ctstate DNAT$`), "ct status {op}dnat"},
	{regexp.MustCompile(`^--in-interface ([^+]+)$`), "iifname $1"},
	{regexp.MustCompile(`^--in-interface ([^+]+)\+$`), "iifname $1*"},
	{regexp.MustCompile(`^--out-interface ([^+]+)$`), "oifname $1"},
	{regexp.MustCompile(`^--out-interface ([^+]+)\+$`), "oifname $1*"},
	{regexp.MustCompile(`^-m addrtype --dst-type LOCAL$`), "fib daddr type local"},
	{regexp.MustCompile(`^-m addrtype --src-type LOCAL$`), "fib saddr type local"},
	{
		regexp.MustCompile(`^-m addrtype ! --src-type LOCAL --limit-iface-out -m addrtype --src-type LOCAL$`),
		"fib saddr . oif type != local fib saddr type local",
	},
	{regexp.MustCompile(`^-m rpfilter --invert --validmark$`), "fib saddr . mark . iif oif 0"},
	// What nft alone can say is built in its words.
	{regexp.MustCompile(`^([io]ifname vmap @\S+|arp .+)$`), "$1"},
}

// inNft respells ranges and lists of ports, and the names of sets, which may hold no colon.
var inNft = strings.NewReplacer(":", "-", ",", ", ")

func (family Family) nativeMatch(part, protocol string) string {
	op, is := "", "=="
	if strings.Contains(part, "! ") {
		op, is = "!= ", "!="
	}
	for _, spelling := range nativeMatches {
		found := spelling.iptables.FindStringSubmatch(part)
		if found == nil {
			continue
		}
		text := strings.NewReplacer("{op}", op, "{is}", is, "{protocol}", protocol, "{ip}", family.inNft()).Replace(spelling.nft)
		for at := len(found) - 1; at > 0; at-- {
			operand := found[at]
			if !isAddress(operand) {
				operand = inNft.Replace(operand)
			}
			text = strings.ReplaceAll(text, fmt.Sprint("$", at), operand)
		}
		return text
	}
	panic("no spelling of nft for " + part)
}

var (
	markAction       = regexp.MustCompile(`^--jump MARK --set-mark (\S+)/(\S+)$`)
	masqueradeAction = regexp.MustCompile(`^--jump MASQUERADE(?: --to-ports (\S+))? --random-fully$`)
	logAction        = regexp.MustCompile(`^--jump LOG --log-prefix ("[^"]*") --log-level \d$`)
	chainAction      = regexp.MustCompile(`^--(jump|goto) (cali-\S+)$`)
)

func nativeAction(layer, action string) string {
	if found := markAction.FindStringSubmatch(action); found != nil {
		return nativeMark(number(found[1]), number(found[2]))
	}
	if found := masqueradeAction.FindStringSubmatch(action); found != nil {
		if found[1] != "" {
			return "masquerade to :" + found[1] + " fully-random"
		}
		return "masquerade fully-random"
	}
	if found := logAction.FindStringSubmatch(action); found != nil {
		return "log prefix " + found[1] + " level info"
	}
	if found := chainAction.FindStringSubmatch(action); found != nil {
		return found[1] + " " + layer + "-" + found[2]
	}
	return strings.ToLower(strings.TrimPrefix(action, "--jump "))
}

// nativeMark sets bits, clears bits, or both; the blocks of a policy rule alone begin with both.
func nativeMark(bits, mask uint32) string {
	switch {
	case bits == mask:
		return fmt.Sprintf("meta mark set mark or %#x", bits)
	case bits != 0 || mask == MarkScratch0|MarkScratch1:
		return fmt.Sprintf("meta mark set mark & %#x ^ %#x", ^mask, bits)
	}
	return fmt.Sprintf("meta mark set mark & %#x", ^mask)
}

// isAddress tells an address or a CIDR: the colons of IPv6 stay as they are.
func isAddress(text string) bool {
	_, err := netip.ParseAddr(host(text))
	return err == nil
}

func number(text string) uint32 {
	value, err := strconv.ParseUint(text, 0, 32)
	if err != nil {
		panic(err)
	}
	return uint32(value)
}

// host is the address of a CIDR.
func host(cidr string) string {
	address, _, _ := strings.Cut(cidr, "/")
	return address
}
