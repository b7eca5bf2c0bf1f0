package selector

import (
	"fmt"
	"strings"
)

type tokenKind int

const (
	tokenEnd tokenKind = iota
	tokenName
	tokenText
	tokenSign
)

// token is one word of a selector: a name (label or keyword), a quoted text without its quotes,
// or a sign.
type token struct {
	kind tokenKind
	text string
}

var signs = []string{"==", "!=", "&&", "||", "!", "(", ")", "{", "}", ","}

func isNameByte(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || strings.IndexByte("_./-", c) >= 0
}

func tokenize(text string) ([]token, error) {
	var tokens []token
	for rest := strings.TrimLeft(text, " \t\n"); rest != ""; rest = strings.TrimLeft(rest, " \t\n") {
		next, length, err := firstToken(rest)
		if err != nil {
			return nil, fmt.Errorf("selector %q: %w", text, err)
		}
		tokens = append(tokens, next)
		rest = rest[length:]
	}
	return append(tokens, token{kind: tokenEnd}), nil
}

func firstToken(rest string) (token, int, error) {
	if quote := rest[0]; quote == '\'' || quote == '"' {
		end := strings.IndexByte(rest[1:], quote)
		if end < 0 {
			return token{}, 0, fmt.Errorf("unterminated string at %q", rest)
		}
		return token{kind: tokenText, text: rest[1 : 1+end]}, end + 2, nil
	}
	for _, sign := range signs {
		if strings.HasPrefix(rest, sign) {
			return token{kind: tokenSign, text: sign}, len(sign), nil
		}
	}
	length := 0
	for length < len(rest) && isNameByte(rest[length]) {
		length++
	}
	if length == 0 {
		return token{}, 0, fmt.Errorf("unexpected characters at %q", rest)
	}
	return token{kind: tokenName, text: rest[:length]}, length, nil
}
