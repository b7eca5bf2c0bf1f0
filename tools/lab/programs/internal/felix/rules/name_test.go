package rules

import "testing"

func TestChainNames(t *testing.T) {
	for _, one := range []struct{ prefix, name, wanted string }{
		{"cali-pri-", "kns.default", "cali-pri-kns.default"},
		{"cali-pri-", "ksa.default.default", "cali-pri-ksa.default.default"}, // 28 characters
		{"cali-pri-", "kns.calico-apiserver", "cali-pri-_kJqfZpgUe7r2t4A-14"},
		{"cali-pri-", "ksa.kube-system.coredns", "cali-pri-_u2Tn2rSoAPffvE7JO6"},
		{"cali-pri-", "projectcalico-default-allow", "cali-pri-_TI1Jm4dJqQzYb0Rx3u"},
		{"cali-pi-", "np/default/knp.default.deny-all-ingress", "cali-pi-_6a4b2sZxLSiYiceAWjm"},
	} {
		if name := (Config{}).chainName(one.prefix, one.name); name != one.wanted {
			t.Errorf("%s%s: %s, wanted %s", one.prefix, one.name, name, one.wanted)
		}
	}
}

func TestNativeChainNames(t *testing.T) {
	name := "np/default/knp.default.deny-all-ingress"
	if whole := (Config{Native: true}).chainName("cali-pi-", name); whole != "cali-pi-"+name {
		t.Error(whole)
	}
}

func TestSetNames(t *testing.T) {
	if name := SelectorSetName("all()"); name != "cali40s:5y5I3VdRZfDU01O--xXAPx2" {
		t.Error(name)
	}
	if name := NamedPortSetName("all()", "tcp", "http"); len(name) != maxSetName || name[:8] != "cali40n:" {
		t.Error(name)
	}
}
