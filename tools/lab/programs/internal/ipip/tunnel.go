package ipip

import (
	"errors"
	"fmt"
	"log"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

const largestPacket = 65535

// OpenRaw opens a raw socket of protocol 4 bound to the node's address: what it sends passes
// the node's OUTPUT chain, what it receives has passed INPUT.
func OpenRaw(local netip.Addr) (int, error) {
	descriptor, err := unix.Socket(unix.AF_INET, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.IPPROTO_IPIP)
	if err != nil {
		return 0, fmt.Errorf("raw socket of protocol 4: %w", err)
	}
	if err := unix.Bind(descriptor, &unix.SockaddrInet4{Addr: local.As4()}); err != nil {
		return 0, fmt.Errorf("raw socket of protocol 4 on %s: %w", local, err)
	}
	return descriptor, nil
}

// Encapsulate sends every IPv4 packet that the kernel routes into the device to the gateway of
// its route. It returns only when the device can no longer be read.
func Encapsulate(tun, raw int, device string) error {
	buffer := make([]byte, largestPacket)
	for {
		length, err := unix.Read(tun, buffer)
		if passing(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("read %s: %w", device, err)
		}
		packet := buffer[:length]
		destination, ok := Destination(packet)
		if !ok {
			continue
		}
		gateway, ok := currentGateway(device, destination)
		if !ok {
			continue
		}
		// A packet that cannot be sent is lost, as on any wire.
		if err := unix.Sendto(raw, packet, 0, &unix.SockaddrInet4{Addr: gateway.As4()}); err != nil {
			log.Printf("to %s via %s: %v", destination, gateway, err)
		}
	}
}

// Decapsulate hands every packet of protocol 4 that arrives to the device. It returns only
// when the socket can no longer be read.
func Decapsulate(raw, tun int) error {
	buffer := make([]byte, largestPacket)
	for {
		length, _, err := unix.Recvfrom(raw, buffer, 0)
		if passing(err) {
			continue
		}
		if err != nil {
			return fmt.Errorf("receive protocol 4: %w", err)
		}
		inner, ok := Inner(buffer[:length])
		if !ok {
			continue
		}
		// A device that is down refuses the packet (EIO): it is lost, as in the kernel's tunnel.
		if _, err := unix.Write(tun, inner); err != nil && !errors.Is(err, unix.EIO) {
			log.Printf("from the tunnel: %v", err)
		}
	}
}

func currentGateway(device string, destination netip.Addr) (netip.Addr, bool) {
	table, err := os.Open(routeTable)
	if err != nil {
		return netip.Addr{}, false
	}
	defer table.Close()
	return Gateway(table, device, destination)
}

// passing errors end one read and say nothing about the next. A raw socket reports ICMP errors
// about earlier packets this way.
func passing(err error) bool {
	for _, harmless := range []error{unix.EINTR, unix.EAGAIN, unix.EHOSTUNREACH, unix.ENETUNREACH, unix.ECONNREFUSED, unix.EMSGSIZE, unix.EPROTO, unix.ENOPROTOOPT, unix.EACCES, unix.ENETDOWN} {
		if errors.Is(err, harmless) {
			return true
		}
	}
	return false
}
