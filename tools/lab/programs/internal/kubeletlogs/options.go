// Package kubeletlogs answers the one question of the kubelet's API that the lab needs: what a
// container logged. The logs are files.
package kubeletlogs

import (
	"fmt"
	"net/url"
	"strconv"
)

// options are those of a log request. Nil means not given.
type options struct {
	previous, follow          bool
	tailLines, limitBytes     *int64
	sinceSeconds              *int64
	namespace, pod, container string
}

func parseOptions(query url.Values) (options, error) {
	var parsed options
	var err error
	for name, target := range map[string]*bool{"previous": &parsed.previous, "follow": &parsed.follow} {
		if text := query.Get(name); text != "" {
			if *target, err = strconv.ParseBool(text); err != nil {
				return options{}, fmt.Errorf("%s: %w", name, err)
			}
		}
	}
	for name, target := range map[string]**int64{"tailLines": &parsed.tailLines, "limitBytes": &parsed.limitBytes, "sinceSeconds": &parsed.sinceSeconds} {
		if text := query.Get(name); text != "" {
			number, err := strconv.ParseInt(text, 10, 64)
			if err != nil || number < 0 {
				return options{}, fmt.Errorf("%s: %q is not a number of at least 0", name, text)
			}
			*target = &number
		}
	}
	for _, name := range []string{"timestamps", "sinceTime", "stream"} {
		if text := query.Get(name); text != "" && text != "false" && text != "All" {
			return options{}, fmt.Errorf("%s: not yet", name)
		}
	}
	return parsed, nil
}
