package calicoctl

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"os"
	"sort"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
)

func ipamShow(ctx context.Context, given arguments, streams Streams) error {
	for _, option := range []string{"show-borrowed", "show-configuration"} {
		if given.has(option) {
			return fmt.Errorf("calicoctl ipam show --%s: not yet", option)
		}
	}
	if err := checkVersion(ctx, given); err != nil {
		return err
	}
	address, single := given.options["ip"]
	var asked netip.Addr
	if single {
		var err error
		if asked, err = netip.ParseAddr(address); err != nil {
			fmt.Fprintf(streams.Out, "Error executing command: invalid IP address specified: %s\n", address)
			return errPrinted
		}
	}
	client, err := connect(given.config())
	if err != nil {
		return err
	}
	defer client.Close()
	blocks, err := client.Blocks(ctx)
	if err != nil {
		return err
	}
	if single {
		showAddress(streams, asked, blocks)
		return nil
	}
	kind, _ := calico.KindNamed("IPPool")
	pools, _, err := client.List(ctx, kind, "")
	if err != nil {
		return err
	}
	rows, err := utilization(pools, blocks, given.has("show-blocks"))
	if err != nil {
		return err
	}
	printBox(streams.Out, []string{"GROUPING", "CIDR", "IPS TOTAL", "IPS IN USE", "IPS RESERVED", "IPS FREE"}, rows, 2)
	return nil
}

func showAddress(streams Streams, asked netip.Addr, blocks []datastore.Block) {
	for _, block := range blocks {
		allocation, used := block.Allocation(asked)
		if !used {
			continue
		}
		fmt.Fprintf(streams.Out, "IP %s is in use\n", asked)
		handle := "<none>"
		if allocation.HandleID != nil {
			handle = *allocation.HandleID
		}
		fmt.Fprintf(streams.Out, "Handle ID: %s\n", handle)
		if len(allocation.Attributes) == 0 {
			fmt.Fprintln(streams.Out, "No Active Owner attributes defined")
			return
		}
		fmt.Fprintln(streams.Out, "Active Owner Attributes:")
		var names []string
		for name := range allocation.Attributes {
			names = append(names, name)
		}
		sort.Strings(names)
		for _, name := range names {
			fmt.Fprintf(streams.Out, "  %s: %s\n", name, allocation.Attributes[name])
		}
		return
	}
	fmt.Fprintf(streams.Out, "%s is not assigned\n", asked)
}

// utilization is a row for each pool and, if wanted, for each of its blocks.
func utilization(pools []calico.Resource, blocks []datastore.Block, withBlocks bool) ([][]string, error) {
	var rows [][]string
	for _, resource := range pools {
		pool, err := netip.ParsePrefix(resource.(*calico.IPPool).Spec.CIDR)
		if err != nil {
			return nil, err
		}
		used, below := 0, [][]string(nil)
		for _, block := range blocks {
			if pool.Overlaps(block.CIDR) {
				used += block.Used()
				below = append(below, utilizationRow("Block", block.CIDR, block.Used()))
			}
		}
		rows = append(rows, utilizationRow("IP Pool", pool, used))
		if withBlocks {
			rows = append(rows, below...)
		}
	}
	return rows, nil
}

func utilizationRow(grouping string, cidr netip.Prefix, used int) []string {
	capacity := float64(1)
	for range cidr.Addr().BitLen() - cidr.Bits() {
		capacity *= 2
	}
	share := func(part float64) string { return fmt.Sprintf("%.5g (%.f%%)", part, 100*part/capacity) }
	return []string{grouping, cidr.String(), fmt.Sprintf("%.5g", capacity), share(float64(used)), share(0), share(capacity - float64(used))}
}

func ipamCheck(given arguments) error {
	if first(given.options["kubeconfig"], os.Getenv("KUBECONFIG")) == "" {
		return errors.New("KUBECONFIG environment variable or --kubeconfig parameter not set")
	}
	return errors.New("calicoctl ipam check: not yet")
}
