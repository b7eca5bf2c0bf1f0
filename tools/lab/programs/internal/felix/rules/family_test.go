package rules

import (
	"slices"
	"testing"
)

// realTags are those of real Felix (master of August 2026) on a node of both families with VXLAN,
// as ip6tables-nft-save printed them. A tag hashes its rule and all before it.
var realTags = map[string][]string{
	"filter cali-INPUT": {
		"vgGyzXB2kTcAwG5B", "en2phk399PMqYtBm", "hMqPpXdMxinieLHj", "uzhGRVsIRowt41HK", "c1_eFeFGJyrJoiSl",
		"-y6m8tXIs855p5w5", "6k9c6U3YfSW6cPxc",
	},
	"filter cali-OUTPUT": {
		"Mq1_rAdXXH3YkrzW", "69FkRTJDvD5Vu6Vl", "nzh-Ph81zDLFSaTN", "1LzEyNUYZx7hL1gX", "J2JVzmB6grK4J8np",
		"ljCKQe2mrD9G8Ygn",
	},
	"filter cali-wl-to-host": {
		"TYeA_BqDrPHaAt6E", "5ugan8LfmJg_BiJc", "Fl5LHxdlOnUNgCc4", "tNvzCkGVISJ3ZXdS", "86e1wB5w3SEOMrZb",
		"kCq3XXx0yCb5mSXt", "qQJuyC_KUUNb16sA", "TEAa8oLTO9cQ8kDr",
	},
	"nat cali-POSTROUTING":  {"Z-c7XtVd2Bq7s_hA", "nYKhEzDlr11Jccal", "xB4H3XdwdliqLcnw", "uLBDf5GPOz4cNd21"},
	"nat cali-nat-outgoing": {"Y4sh__lNLsPKa_Pw"},
	"mangle cali-POSTROUTING": {
		"z6FfUAi9uFnS9WQe", "FyouKCjc-nLlpxYa", "YoCR5Vo6y6BH5QSi", "CZUE2mhj8luwjOeF", "Mk-mfb82GNY961rf",
	},
	"raw cali-PREROUTING": {
		"DQ6LK2guiBRMyrLK", "sIsu2aAqNN6K3YYn", "W0qKAga6QivxLxL1", "QOYCZUivPyJL6Dp1", "uvipz_NmQPrGYnTB",
		"pj4jqF0K2OCNLmzX", "Jefg6QI5khJcHnVl",
	},
	"filter cali-tw-cali4e199eba087": {
		"wOgmngqE4oU1Vqqg", "5jMKQyT1-BSj90uv", "ItR8GQHP44Xg7-74", "3bKURTGo6SrDSoeP", "bVH9xM4jhUq-ozJK",
		"zLXoxiz2wNrhmJk3", "Kg7PdIA7OHcuI4M7", "Um3ivkB2cxLz0aUK",
	},
}

func TestTagsOfIPv6AsRealFelix(t *testing.T) {
	config := Config{Family: IPv6, InterfacePrefix: "cali", VXLAN: true, EndpointToHostAction: "ACCEPT"}
	pod := Endpoint{Interface: "cali4e199eba087", Profiles: []string{"kns.default", "ksa.default.default"}}
	rendered := make(map[string][]string)
	for _, table := range Render(config, Node{Endpoints: []Endpoint{pod}}) {
		for _, chain := range table.Chains {
			rendered[table.Name+" "+chain.Name] = chain.Tags()
		}
	}
	for chain, tags := range realTags {
		if !slices.Equal(rendered[chain], tags) {
			t.Errorf("%s:\nrendered %q\nreal     %q", chain, rendered[chain], tags)
		}
	}
}

func TestNamesOfSetsOfIPv6(t *testing.T) {
	if name := IPv6.SetName(SetVXLANHosts); name != "cali60all-vxlan-net" {
		t.Error(name)
	}
	if name := IPv6.SetName(SelectorSetName("all()")); name != "cali60s:5y5I3VdRZfDU01O--xXAPx2" {
		t.Error(name)
	}
	rule := PolicyRule{Action: "Allow", Protocol: "icmpv6", ICMP: "128", Source: Peer{Sets: []string{SelectorSetName("all()")}}}
	config := Config{Family: IPv6}
	line := config.Family.respelled(renderPolicyRule(config, rule)[0]).body()
	if line != "-p icmpv6 -m set --match-set cali60s:5y5I3VdRZfDU01O--xXAPx2 src -m icmp6 --icmpv6-type 128 --jump MARK --set-mark 0x10000/0x10000" {
		t.Error(line)
	}
}
