package datastore

import (
	"context"
	"encoding/json"
	"fmt"
	"net/netip"
	"sort"
)

// blockPrefix is below which the blocks of addresses lie, both IP versions.
const blockPrefix = "/calico/ipam/v2/assignment/"

// Block is a range of addresses that belongs to a node: "host:NODE" is its affinity. An
// allocation is nil for a free address or the index of its attributes.
type Block struct {
	CIDR        netip.Prefix      `json:"cidr"`
	Affinity    *string           `json:"affinity"`
	Allocations []*int            `json:"allocations"`
	Attributes  []BlockAllocation `json:"attributes"`
}

// BlockAllocation is who has an address.
type BlockAllocation struct {
	HandleID   *string           `json:"handle_id"`
	Attributes map[string]string `json:"secondary"`
}

// Blocks reads all blocks, in the order of their addresses.
func (client *Client) Blocks(ctx context.Context) ([]Block, error) {
	values, err := client.Raw(ctx, blockPrefix)
	if err != nil {
		return nil, err
	}
	var blocks []Block
	for key, value := range values {
		var block Block
		if err := json.Unmarshal(value, &block); err != nil {
			return nil, fmt.Errorf("block at %s: %w", key, err)
		}
		blocks = append(blocks, block)
	}
	sort.Slice(blocks, func(i, j int) bool { return blocks[i].CIDR.Addr().Less(blocks[j].CIDR.Addr()) })
	return blocks, nil
}

// Allocation is who has the address; false when it is free or not of this block.
func (block Block) Allocation(address netip.Addr) (BlockAllocation, bool) {
	if !block.CIDR.Contains(address) {
		return BlockAllocation{}, false
	}
	ordinal := 0
	for at := block.CIDR.Masked().Addr(); at != address; at = at.Next() {
		ordinal++
	}
	if ordinal >= len(block.Allocations) || block.Allocations[ordinal] == nil {
		return BlockAllocation{}, false
	}
	if index := *block.Allocations[ordinal]; index >= 0 && index < len(block.Attributes) {
		return block.Attributes[index], true
	}
	return BlockAllocation{}, true
}

// Used is how many addresses of the block somebody has.
func (block Block) Used() int {
	used := 0
	for _, allocation := range block.Allocations {
		if allocation != nil {
			used++
		}
	}
	return used
}
