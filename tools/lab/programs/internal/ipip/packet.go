// Package ipip carries IPv4 packets in IPv4 packets (protocol 4) between nodes, for kernels
// without the ipip module.
package ipip

import (
	"encoding/binary"
	"net/netip"
)

const (
	minimumHeader     = 20
	destinationOffset = 16
)

// Destination is where an IPv4 packet goes; false when the bytes are no IPv4 packet.
func Destination(packet []byte) (netip.Addr, bool) {
	if !isIPv4(packet) {
		return netip.Addr{}, false
	}
	return netip.AddrFrom4([4]byte(packet[destinationOffset:minimumHeader])), true
}

// Inner is the packet that a received IPv4 packet of protocol 4 carries; false when either of
// the two is cut short or not IPv4.
func Inner(outer []byte) ([]byte, bool) {
	if !isIPv4(outer) {
		return nil, false
	}
	inner := outer[int(outer[0]&0x0f)*4:]
	return inner, isIPv4(inner)
}

func isIPv4(packet []byte) bool {
	if len(packet) < minimumHeader || packet[0]>>4 != 4 {
		return false
	}
	header, total := int(packet[0]&0x0f)*4, int(binary.BigEndian.Uint16(packet[2:4]))
	return header >= minimumHeader && header <= total && total <= len(packet)
}
