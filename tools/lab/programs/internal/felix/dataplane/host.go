package dataplane

import (
	"context"
	"encoding/json"
	"strings"

	"calico-chatops/lab/internal/felix/rules"
)

// HostAddresses are the addresses that the kernel counts as the node's own, networks such as
// 127.0.0.0/8 by their first; those of pods' interfaces are left out.
func HostAddresses(ctx context.Context, family rules.Family, prefix string) ([]string, error) {
	text, err := run(ctx, "", "ip", "-j", option(family), "route", "show", "table", "local", "type", "local")
	if err != nil {
		return nil, err
	}
	var routes []route
	if err := json.Unmarshal([]byte(text), &routes); err != nil {
		return nil, err
	}
	var addresses []string
	for _, one := range routes {
		if !strings.HasPrefix(one.Device, prefix) {
			address, _, _ := strings.Cut(one.Destination, "/")
			addresses = append(addresses, address)
		}
	}
	return addresses, nil
}
