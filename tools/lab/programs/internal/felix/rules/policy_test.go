package rules

import (
	"fmt"
	"slices"
	"testing"
)

// bodies are the rules of one policy rule, without tags.
func bodies(rule PolicyRule) []string {
	var found []string
	for _, one := range renderPolicyRule(Config{}, rule) {
		found = append(found, one.body())
	}
	return found
}

func TestPolicyRules(t *testing.T) {
	var manyPorts []string
	for port := 1; port <= 14; port++ {
		manyPorts = append(manyPorts, fmt.Sprint(port))
	}
	manyPorts = append(manyPorts, "100:200", "300") // the range takes two places: 16
	allow := []string{"-m mark --mark 0x10000/0x10000 --jump RETURN"}
	for name, one := range map[string]struct {
		rule   PolicyRule
		wanted []string
	}{
		"no match": {PolicyRule{Action: "Allow"}, append([]string{"--jump MARK --set-mark 0x10000/0x10000"}, allow...)},
		"negations": {
			PolicyRule{Action: "Deny", NotProtocol: "udp", NotICMP: "8/0",
				Source:      Peer{NotNets: []string{"10.0.0.0/8"}, NotSets: []string{"cali40s:a"}, NotPorts: []string{"1:2"}},
				Destination: Peer{NotNets: []string{"10.1.0.0/16"}, NotSets: []string{"cali40s:b"}, NotPorts: []string{"3"}}},
			[]string{"! -p udp ! --source 10.0.0.0/8 -m set ! --match-set cali40s:a src -m multiport ! --source-ports 1:2 " +
				"! --destination 10.1.0.0/16 -m set ! --match-set cali40s:b dst -m multiport ! --destination-ports 3 -m icmp ! --icmp-type 8/0 " +
				"--jump MARK --set-mark 0x40000/0x40000",
				"-m mark --mark 0x40000/0x40000 --jump DROP"},
		},
		"two blocks and a negated one": {
			PolicyRule{Action: "Allow", Protocol: "tcp",
				Source:      Peer{Nets: []string{"10.0.0.0/24", "10.0.1.0/24"}, NotNets: []string{"10.0.0.9/32"}},
				Destination: Peer{Ports: manyPorts}},
			append([]string{
				"--jump MARK --set-mark 0/0x180000",
				"-p tcp -m multiport --destination-ports 1,2,3,4,5,6,7,8,9,10,11,12,13,14 --jump MARK --set-mark 0x80000/0x80000",
				"-p tcp -m multiport --destination-ports 100:200,300 --jump MARK --set-mark 0x80000/0x80000",
				"--source 10.0.0.0/24 --jump MARK --set-mark 0x100000/0x100000",
				"--source 10.0.1.0/24 --jump MARK --set-mark 0x100000/0x100000",
				"-m mark --mark 0/0x100000 --jump MARK --set-mark 0/0x80000",
				"-p tcp ! --source 10.0.0.9/32 -m mark --mark 0x80000/0x80000 --jump MARK --set-mark 0x10000/0x10000",
			}, allow...),
		},
		"number or name of a port": {
			PolicyRule{Action: "Pass", Protocol: "tcp", Destination: Peer{Ports: []string{"80"}, NamedPorts: []string{"cali40n:a"}}},
			[]string{
				"--jump MARK --set-mark 0/0x180000",
				"-p tcp -m multiport --destination-ports 80 --jump MARK --set-mark 0x80000/0x80000",
				"-m set --match-set cali40n:a dst,dst --jump MARK --set-mark 0x80000/0x80000",
				"-p tcp -m mark --mark 0x80000/0x80000 --jump MARK --set-mark 0x20000/0x20000",
				"-m mark --mark 0x20000/0x20000 --jump RETURN",
			},
		},
	} {
		if rendered := bodies(one.rule); !slices.Equal(rendered, one.wanted) {
			t.Errorf("%s:\n%q\nwanted\n%q", name, rendered, one.wanted)
		}
	}
}

func TestDispatchBins(t *testing.T) {
	var endpoints []Endpoint
	for _, name := range []string{"cali9aa", "cali1aa", "cali1bb", "cali2cc"} {
		endpoints = append(endpoints, Endpoint{Interface: name})
	}
	rendered := make(map[string][]string)
	for _, chain := range dispatch(Config{InterfacePrefix: "cali"}, endpoints) {
		for _, rule := range chain.Rules {
			rendered[chain.Name] = append(rendered[chain.Name], rule.body())
		}
	}
	unknown := `-m comment --comment "Unknown interface" --jump DROP`
	for name, wanted := range map[string][]string{
		"cali-to-wl-dispatch": {"--out-interface cali1+ --goto cali-to-wl-dispatch-1", "--out-interface cali2cc --goto cali-tw-cali2cc",
			"--out-interface cali9aa --goto cali-tw-cali9aa", unknown},
		"cali-to-wl-dispatch-1":   {"--out-interface cali1aa --goto cali-tw-cali1aa", "--out-interface cali1bb --goto cali-tw-cali1bb", unknown},
		"cali-from-wl-dispatch-1": {"--in-interface cali1aa --goto cali-fw-cali1aa", "--in-interface cali1bb --goto cali-fw-cali1bb", unknown},
	} {
		if !slices.Equal(rendered[name], wanted) {
			t.Errorf("%s: %q", name, rendered[name])
		}
	}
}

func TestLongGroupIsLeftEarly(t *testing.T) {
	var group []PolicyRef
	for i := range 7 {
		group = append(group, PolicyRef{ID: PolicyID{"GlobalNetworkPolicy", "", fmt.Sprint("p", i)}, Selector: "all()"})
	}
	var rendered []string
	for _, rule := range (Config{}).groupChain(group, inbound).Rules {
		rendered = append(rendered, rule.body())
	}
	wanted := []string{"--jump cali-pi-gnp/p0"}
	for i := 1; i < 5; i++ {
		wanted = append(wanted, fmt.Sprint("-m mark --mark 0/0x30000 --jump cali-pi-gnp/p", i))
	}
	wanted = append(wanted, `-m comment --comment "Return on verdict" -m mark ! --mark 0/0x30000 --jump RETURN`,
		"--jump cali-pi-gnp/p5", "-m mark --mark 0/0x30000 --jump cali-pi-gnp/p6")
	if !slices.Equal(rendered, wanted) {
		t.Errorf("%q", rendered)
	}
}
