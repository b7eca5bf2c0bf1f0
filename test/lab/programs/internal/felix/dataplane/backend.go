package dataplane

import (
	"context"
	"os"
	"strings"
)

// DetectBackend finds the backend that the node's kubelet and kube-proxy use: by the chains
// that kubelet leaves as a hint, else by which has more rules, legacy when they are even. The
// legacy tables are only read where the kernel has some, since reading would make them.
func DetectBackend(ctx context.Context) (Backend, error) {
	nftSave, err := run(ctx, "", "iptables-nft-save")
	if err != nil {
		return "", err
	}
	if hasHint(nftSave) {
		return NFT, nil
	}
	if names, err := os.ReadFile("/proc/net/ip_tables_names"); err != nil || len(names) == 0 {
		return NFT, nil
	}
	legacySave, err := run(ctx, "", "iptables-legacy-save")
	if err != nil {
		return "", err
	}
	if hasHint(legacySave) || strings.Count(legacySave, "\n-A ") >= strings.Count(nftSave, "\n-A ") {
		return Legacy, nil
	}
	return NFT, nil
}

func hasHint(save string) bool {
	_, mangle, _ := strings.Cut(save, "*mangle\n")
	mangle, _, _ = strings.Cut(mangle, "COMMIT")
	return strings.Contains(mangle, "KUBE-IPTABLES-HINT") || strings.Contains(mangle, "KUBE-KUBELET-CANARY")
}
