// Command ipip is a node's IPIP tunnel in user space: a TUN device on one side, a raw socket of
// protocol 4 on the other. Where the kernel has its own tunnel, it only sets that up.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/netip"
	"os"
	"os/signal"
	"syscall"

	"calico-chatops/lab/internal/ipip"
)

func main() {
	device := flag.String("device", "tunl0", "name of the tunnel device")
	address := flag.String("address", "", "address of the tunnel device")
	local := flag.String("local", "", "address of this node, between nodes")
	mtu := flag.Int("mtu", 1480, "MTU of the tunnel device")
	flag.Parse()

	stop := make(chan os.Signal, 1)
	signal.Notify(stop, syscall.SIGTERM, syscall.SIGINT)
	failed := make(chan error, 2)
	if err := start(*device, *address, *local, *mtu, failed); err != nil {
		log.Fatal(err)
	}
	select {
	case <-stop:
	case err := <-failed:
		log.Fatal(err)
	}
}

func start(device, address, local string, mtu int, failed chan<- error) error {
	inner, err := netip.ParseAddr(address)
	if err != nil {
		return fmt.Errorf("--address: %w", err)
	}
	node, err := netip.ParseAddr(local)
	if err != nil {
		return fmt.Errorf("--local: %w", err)
	}
	if !inner.Is4() || !node.Is4() {
		return fmt.Errorf("IPIP is of IPv4 alone")
	}
	if ipip.IsKernelTunnel(device) {
		log.Printf("the kernel has %s: configured, the kernel does the rest", device)
		return ipip.Configure(device, address, mtu)
	}
	tun, err := ipip.OpenTUN(device)
	if err != nil {
		return err
	}
	raw, err := ipip.OpenRaw(node)
	if err != nil {
		return err
	}
	if err := ipip.Configure(device, address, mtu); err != nil {
		return err
	}
	go func() { failed <- ipip.Encapsulate(tun, raw, device) }()
	go func() { failed <- ipip.Decapsulate(raw, tun) }()
	log.Printf("%s %s: packets go out from %s", device, address, local)
	return nil
}
