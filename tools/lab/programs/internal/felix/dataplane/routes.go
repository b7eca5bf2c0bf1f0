package dataplane

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strconv"
	"strings"

	"calico-chatops/lab/internal/felix/active"
	"calico-chatops/lab/internal/felix/rules"
)

// The metric that Felix gives the routes to pods since v3.32.
const podRouteMetric = 1024

const linkLocal = "fe80::/64"

func option(family rules.Family) string {
	if family.Is6() {
		return "-6"
	}
	return "-4"
}

type route struct {
	Destination string `json:"dst"`
	Device      string `json:"dev"`
	Metric      int    `json:"metric"`
	Type        string `json:"type"`
	Gateway     string `json:"gateway"`
}

// SyncRoutes makes the routes to the node's pods what they must be: one to each address of an
// endpoint whose interface is up, and no others through interfaces with the prefix. Routes
// through other devices are not looked at, nor are those that the kernel makes of link-local addresses.
func SyncRoutes(ctx context.Context, family rules.Family, prefix string, endpoints []active.Endpoint, up []string) (changed bool, err error) {
	text, err := run(ctx, "", "ip", "-j", option(family), "route", "show", "table", "main")
	if err != nil {
		return false, err
	}
	var programmed []route
	if err := json.Unmarshal([]byte(text), &programmed); err != nil {
		return false, err
	}
	wanted := make(map[route]bool)
	for _, endpoint := range endpoints {
		if !slices.Contains(up, endpoint.Interface) {
			continue
		}
		for _, address := range endpoint.Addresses {
			wanted[route{Destination: strings.TrimSuffix(strings.TrimSuffix(address, "/32"), "/128"), Device: endpoint.Interface, Metric: podRouteMetric}] = true
		}
	}
	there := make(map[route]bool)
	var surplus []route
	for _, one := range programmed {
		if !strings.HasPrefix(one.Device, prefix) || one.Destination == linkLocal {
			continue
		}
		if wanted[one] {
			there[one] = true
		} else {
			surplus = append(surplus, one)
		}
	}
	for one := range wanted {
		if !there[one] {
			err = errors.Join(err, changeRoute(ctx, family, "replace", one))
			changed = true
		}
	}
	for _, one := range surplus {
		err = errors.Join(err, changeRoute(ctx, family, "del", one))
		changed = true
	}
	return changed, err
}

func changeRoute(ctx context.Context, family rules.Family, verb string, one route) error {
	_, err := run(ctx, "", "ip", option(family), "route", verb, one.Destination, "dev", one.Device, "metric", strconv.Itoa(one.Metric))
	return err
}
