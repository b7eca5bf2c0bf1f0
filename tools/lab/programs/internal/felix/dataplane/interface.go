package dataplane

import (
	"errors"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"strings"

	"calico-chatops/lab/internal/felix/rules"
)

const (
	sysctlRoot  = "/proc/sys/net/ipv4"
	sysctlRoot6 = "/proc/sys/net/ipv6"
)

// UpInterfaces are the interfaces with that prefix that can carry packets. The node's end of a
// pod's interface cannot while the pod's end is down, although it is up itself.
func UpInterfaces(prefix string) ([]string, error) {
	interfaces, err := net.Interfaces()
	var up []string
	for _, one := range interfaces {
		if strings.HasPrefix(one.Name, prefix) && one.Flags&net.FlagRunning != 0 {
			up = append(up, one.Name)
		}
	}
	return up, err
}

// ConfigureInterface sets what the host's end of a pod's interface needs: it answers for the pod's
// gateway, and forwards. An interface that is gone meanwhile is no error.
func ConfigureInterface(family rules.Family, name string) error {
	if family.Is6() {
		return writeSettings(sysctlRoot6, map[string]string{
			"conf/" + name + "/proxy_ndp":  "1",
			"conf/" + name + "/forwarding": "1",
		})
	}
	reversePath, err := os.ReadFile(sysctlRoot + "/conf/default/rp_filter")
	if err != nil {
		return err
	}
	return writeSettings(sysctlRoot, map[string]string{
		"conf/" + name + "/rp_filter":      strings.TrimSpace(string(reversePath)),
		"conf/" + name + "/route_localnet": "1",
		"neigh/" + name + "/proxy_delay":   "0",
		"conf/" + name + "/proxy_arp":      "1",
		"conf/" + name + "/forwarding":     "1",
	})
}

func writeSettings(root string, settings map[string]string) (err error) {
	for setting, value := range settings {
		if writeErr := os.WriteFile(filepath.Join(root, setting), []byte(value), 0); writeErr != nil && !errors.Is(writeErr, fs.ErrNotExist) {
			err = errors.Join(err, writeErr)
		}
	}
	return err
}

// EnableForwarding lets the node forward packets of the family, as a node of a cluster must.
func EnableForwarding(family rules.Family) error {
	if family.Is6() {
		return os.WriteFile(sysctlRoot6+"/conf/all/forwarding", []byte("1"), 0)
	}
	return os.WriteFile(sysctlRoot+"/ip_forward", []byte("1"), 0)
}
