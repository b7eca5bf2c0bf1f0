package ipip

import (
	"bufio"
	"encoding/binary"
	"io"
	"math/bits"
	"net/netip"
	"strconv"
	"strings"
)

// routeTable is the kernel's main IPv4 table as text; a process sees its own namespace's.
const routeTable = "/proc/net/route"

const routeUp = 0x1

// Gateway reads the kernel's table (the format of /proc/net/route: addresses are hexadecimal
// numbers in the machine's byte order) and returns the gateway of the most specific route
// through the device that covers the destination.
func Gateway(table io.Reader, device string, destination netip.Addr) (netip.Addr, bool) {
	gateway, longest := netip.Addr{}, -1
	lines := bufio.NewScanner(table)
	for lines.Scan() {
		fields := strings.Fields(lines.Text())
		if len(fields) < 8 || fields[0] != device {
			continue
		}
		flags, err := strconv.ParseUint(fields[3], 16, 32)
		if err != nil || flags&routeUp == 0 {
			continue
		}
		network, okNetwork := address(fields[1])
		via, okVia := address(fields[2])
		mask, err := strconv.ParseUint(fields[7], 16, 32)
		if !okNetwork || !okVia || err != nil || via.IsUnspecified() {
			continue
		}
		length := bits.OnesCount32(uint32(mask))
		if length > longest && netip.PrefixFrom(network, length).Contains(destination) {
			gateway, longest = via, length
		}
	}
	return gateway, longest >= 0
}

func address(hexadecimal string) (netip.Addr, bool) {
	number, err := strconv.ParseUint(hexadecimal, 16, 32)
	if err != nil {
		return netip.Addr{}, false
	}
	var octets [4]byte
	binary.NativeEndian.PutUint32(octets[:], uint32(number))
	return netip.AddrFrom4(octets), true
}
