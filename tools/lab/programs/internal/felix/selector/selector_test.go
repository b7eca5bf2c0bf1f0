package selector

import "testing"

func TestCanonicalText(t *testing.T) {
	for text, canonical := range map[string]string{
		"":                                   "all()",
		"all()":                              "all()",
		"app == 'web'":                       `app == "web"`,
		`app != "a'b"`:                       `app != "a'b"`,
		`app == 'say "x"'`:                   `app == 'say "x"'`,
		"a=='1'&&b=='2' && c == '3'":         `(a == "1" && b == "2" && c == "3")`,
		"(a == '1' && b == '2') && c == '3'": `((a == "1" && b == "2") && c == "3")`,
		"((a == '1'))":                       `a == "1"`,
		"a == '1' || b == '2' && !has(c)":    `(a == "1" || (b == "2" && !has(c)))`,
		"!!has(a)":                           "has(a)",
		"!(a == '1' || has(b/c.d-e))":        `!(a == "1" || has(b/c.d-e))`,
		"a in {'z', \"b\", 'z'}":             `a in {"b", "z"}`,
		"a not in { 'x' }":                   `a not in {"x"}`,
		"a contains 'x' && b starts with 'y' && c ends with 'z'": `(a contains "x" && b starts with "y" && c ends with "z")`,
		"global()": "global()",
	} {
		parsed, err := Parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if parsed.String() != canonical {
			t.Errorf("%q: %s, wanted %s", text, parsed, canonical)
		}
	}
}

func TestRefused(t *testing.T) {
	for _, text := range []string{"app = 'web'", "app == web", "app == 'web", "has(", "(a == 'b'", "a == 'b' &&", "a == 'b' c == 'd'", "a in {'b'", "near(a)", "&& a"} {
		if parsed, err := Parse(text); err == nil {
			t.Errorf("%q taken as %s", text, parsed)
		}
	}
}

func TestMatches(t *testing.T) {
	labels := map[string]string{"app": "web", "tier": "front-end", "empty": ""}
	for text, wanted := range map[string]bool{
		"all()": true, "": true, "has(app)": true, "has(none)": false, "!has(none)": true, "has(empty)": true,
		"app == 'web'": true, "app == 'db'": false, "none == ''": false, "app != 'web'": false, "none != 'web'": true,
		"app in {'db', 'web'}": true, "app not in {'web'}": false, "none in {'web'}": false, "none not in {'web'}": true,
		"tier starts with 'front'": true, "tier ends with 'front'": false, "tier contains 't-e'": true, "none contains ''": false,
		"app == 'web' && tier == 'x'": false, "app == 'web' || tier == 'x'": true,
		"app == 'db' || app == 'web' && !has(none)": true, "!(app == 'web')": false,
	} {
		parsed, err := Parse(text)
		if err != nil {
			t.Errorf("%q: %v", text, err)
		} else if parsed.Matches(labels) != wanted {
			t.Errorf("%q: %v", text, !wanted)
		}
	}
}

func TestWithPrefix(t *testing.T) {
	parsed, err := Parse("team == 'shop' && !has(x) && y in {'1'} || all()")
	if err != nil {
		t.Fatal(err)
	}
	if text := parsed.WithPrefix("pcns.").String(); text != `((pcns.team == "shop" && !has(pcns.x) && pcns.y in {"1"}) || all())` {
		t.Error(text)
	}
}
