package rules

import (
	"slices"
	"testing"
)

// realNativeTags are those of real Felix (master of August 2026) in nftables mode, on a node of both families with
// VXLAN, as `nft list table ip6 calico` printed them.
var realNativeTags = map[string][]string{
	"filter-FORWARD": {"dpfqBgJrpRwlrqw1", "yp7iNUYNEhDmKF6E", "fXaqbwKfGHq5dvHP"},
	"filter-INPUT":   {"H0S9z2pOh43UL0cc"},
	"filter-OUTPUT":  {"cxN7yDysHHPQSuUC"},
	"filter-cali-FORWARD": {
		"DjLNGAdnReheqqCp", "nYRf9HAGIu4qv2zI", "otxs2Q4D05BNLIsQ", "j573pOiV4ETpv7o4", "spaMQnRTjqphyAAs",
		"gPO_isDuaIy0xfd5",
	},
	"filter-cali-INPUT": {
		"nCCnR8S2ebTYsKIz", "TB3Ub3F3JhAIzMl6", "1nbhzfyE3aVltIPC", "jG9h2KEJCiDwp1W3", "RHg3vP3Uv6vHVuVG",
		"yN50BDCJw6cICFf9", "e5yXpuHmkOXhqKE7",
	},
	"filter-cali-OUTPUT": {
		"98uiW9xxCe92G9L3", "XeexzRpdwsnmqftJ", "hNmvDGSwFDeBoH7C", "0BtoH8KLlBLsOBZs", "OC4f914oC-ZI5vu0",
		"oR78U4J8-2sQhQup",
	},
	"filter-cali-from-wl-dispatch": {"Lui9n9_J-BlSLUtk", "KMISEjprqaGFiicp"},
	"filter-cali-fw-cali4e199eba087": {
		"qKhJ1J59-86zJe3s", "qekDcOOGvYyM2GIh", "ncYOBNgx8mtr5eGq", "SdX16309ATowIT3X", "ALpLAuffJQdDaGLu",
		"Kad8x62VVeqEqMs8", "ClkkX8GyE5Nrd6Y-", "kr79LNhvyGa07WLk", "0AnCWFfk28Viy7ae", "clvP3cmmWCPv9Iyb",
	},
	"filter-cali-pri-kns.default":         {"q9-9Gdat5_ETkrCZ"},
	"filter-cali-pri-ksa.default.default": {"p_Mw2SCh5ugQsIFB"},
	"filter-cali-pro-kns.default":         {"U54gqrfwMZ3kQvds"},
	"filter-cali-pro-ksa.default.default": {"8LwJfolXmJxbvcum"},
	"filter-cali-to-wl-dispatch":          {"ljtHSLJQhigspPd1", "zeZtiiPDsE6BwqUG"},
	"filter-cali-tw-cali4e199eba087": {
		"vQIXDhAmASmoIYwe", "uD9jFv73K-xQvIs8", "Hf23yDg0wptmGX6c", "IWQ3hkJ1MGSQIdj7", "MD2wBD1nYmU_nsPr",
		"NA9OTxb7kEgpdDrp", "T5he3BZT0C_pfmKL", "VbtpGHjAq-8ZIIRX",
	},
	"filter-cali-wl-to-host": {
		"buXxCtG0CHNBYm41", "5elsMu2ga0k2xESt", "YkKxOdcmH3T1wLPe", "1j-ciesTcHmv5bFA", "_dRNlGXP3AWlxMkb",
		"mpw0LdbfNxKQMY1V", "0G05P-JXU4I4PI5d", "yxmUCcUGFoGGKdhz",
	},
	"mangle-POSTROUTING": {"JB8QlG6bRG3vqMJh"},
	"mangle-PREROUTING":  {"jmRVmI9bNZO24-SX"},
	"mangle-cali-POSTROUTING": {
		"GIMwV3cqJ95nx_1O", "lt3311CNn0sjOuoW", "wlz0A54rnV2ZJb6y", "QTuXn7DXsS5G4Yyq", "smqaoO4omE2_TaCS",
	},
	"mangle-cali-PREROUTING": {"hRS28YpQh4sf7lSw", "IwtMN-rc3DmNzBzY", "3IqyhzcAvEfc5ghM", "pt2vpkSdeEEZuFJW"},
	"nat-OUTPUT":             {"MUvsO-9-Ry3DQcZV"},
	"nat-POSTROUTING":        {"z057H0Z77Fcko47w"},
	"nat-PREROUTING":         {"8sk3stC_vMHYORJg"},
	"nat-cali-OUTPUT":        {"delU-zntVHn7bNcr"},
	"nat-cali-POSTROUTING":   {"tyzVzs_JgnIisxS6", "_Ye9aC74uuE93XON", "7SjlHqzkioQR6jLy", "GScJAoH1MF_4eBFN"},
	"nat-cali-PREROUTING":    {"4l5hoyVny05ifNh_"},
	"nat-cali-nat-outgoing":  {"iOvn1qbSPwYBA5xd"},
	"raw-OUTPUT":             {"VPZUYaZDz-FnULU0"},
	"raw-PREROUTING":         {"K8JBn-S_RLieKm3n"},
	"raw-cali-OUTPUT":        {"e2BVX_cHZ6ITRbRX", "VWMOize4AGqDOd8U", "27f-hiVuGN6Hixm2", "C_dtFa4FZl3n3guC"},
	"raw-cali-PREROUTING": {
		"_m5XxTROnUC3kwU9", "KSSCpT-T9DVdO0Iq", "MfbbuIABLCdEyuDF", "WkruAv78Jz9mDykg", "-AqscjC9Vg6h2HXv",
		"s5qWstZtZZWDC7hD", "el99SHzsxDHcC0i6",
	},
}

func TestTagsOfIPv6InNftablesAsRealFelix(t *testing.T) {
	config := Config{Family: IPv6, InterfacePrefix: "cali", VXLAN: true, EndpointToHostAction: "ACCEPT"}
	pod := Endpoint{Interface: "cali4e199eba087", Profiles: []string{"kns.default", "ksa.default.default"}}
	allow := []PolicyRule{{Action: "Allow"}}
	profiles := []Profile{{Name: "kns.default", Ingress: allow, Egress: allow}, {Name: "ksa.default.default"}}
	native := RenderNative(config, Node{Endpoints: []Endpoint{pod}, Profiles: profiles})
	if native.Family != "ip6" || native.Name != "calico" {
		t.Errorf("table %s %s", native.Family, native.Name)
	}
	rendered := make(map[string][]string)
	for _, base := range native.Bases {
		rendered[base.Name] = tagsOfNative(slices.Concat(base.Inserted, base.Appended))
	}
	for _, chain := range native.Chains {
		rendered[chain.Name] = tagsOfNative(chain.Rules)
	}
	for chain, tags := range realNativeTags {
		if !slices.Equal(rendered[chain], tags) {
			t.Errorf("%s:\nrendered %q\nreal     %q", chain, rendered[chain], tags)
		}
	}
}

func tagsOfNative(source []NativeRule) []string {
	var tags []string
	for _, rule := range source {
		tags = append(tags, rule.Tag)
	}
	return tags
}

func TestPolicyRulesOfIPv6InNftables(t *testing.T) {
	for wanted, rule := range map[string]PolicyRule{
		"meta l4proto icmpv6 ip6 saddr @cali60s-5y5I3VdRZfDU01O--xXAPx2 icmpv6 type 128 counter meta mark set mark or 0x10000": {
			Action: "Allow", Protocol: "icmpv6", ICMP: "128", Source: Peer{Sets: []string{SelectorSetName("all()")}}},
		"meta l4proto tcp ip6 saddr 2001:db8::/32 tcp dport { 80, 8000-8080 } counter meta mark set mark or 0x10000": {
			Action: "Allow", Protocol: "tcp", Source: Peer{Nets: []string{"2001:db8::/32"}},
			Destination: Peer{Ports: []string{"80", "8000:8080"}}},
	} {
		config := Config{Family: IPv6, Native: true}
		text := config.Family.native("filter", config.Family.respelled(renderPolicyRule(config, rule)[0]))
		if text != wanted {
			t.Error(text)
		}
	}
}
