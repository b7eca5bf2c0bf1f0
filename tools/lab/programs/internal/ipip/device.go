package ipip

import (
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// IsKernelTunnel is whether a device of this name is there that is no TUN device: then the
// kernel's ipip module does the work.
func IsKernelTunnel(device string) bool {
	if _, err := os.Stat("/sys/class/net/" + device); err != nil {
		return false
	}
	_, err := os.Stat("/sys/class/net/" + device + "/tun_flags")
	return os.IsNotExist(err)
}

// OpenTUN opens the TUN device, making it if need be, and leaves it persistent: it and the
// routes through it outlive the program. The result is its file descriptor.
func OpenTUN(device string) (int, error) {
	descriptor, err := unix.Open("/dev/net/tun", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return 0, fmt.Errorf("/dev/net/tun: %w", err)
	}
	request, err := unix.NewIfreq(device)
	if err != nil {
		return 0, err
	}
	request.SetUint16(unix.IFF_TUN | unix.IFF_NO_PI)
	if err := unix.IoctlIfreq(descriptor, unix.TUNSETIFF, request); err != nil {
		return 0, fmt.Errorf("TUN device %s: %w", device, err)
	}
	if err := unix.IoctlSetInt(descriptor, unix.TUNSETPERSIST, 1); err != nil {
		return 0, fmt.Errorf("TUN device %s, keep it: %w", device, err)
	}
	return descriptor, nil
}

// Configure gives the device its address and MTU and sets it up. An address that is there
// already is left alone, since removing it would remove the routes that prefer it.
func Configure(device, address string, mtu int) error {
	for _, arguments := range [][]string{
		{"address", "replace", address + "/32", "dev", device},
		{"link", "set", "dev", device, "mtu", strconv.Itoa(mtu), "up"},
	} {
		if output, err := exec.Command("ip", arguments...).CombinedOutput(); err != nil {
			return fmt.Errorf("ip %s: %w: %s", strings.Join(arguments, " "), err, strings.TrimSpace(string(output)))
		}
	}
	return nil
}
