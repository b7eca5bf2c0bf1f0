package dataplane

import (
	"context"
	"os"
	"strings"
)

// DetectBackend finds the backend that the node's kubelet and kube-proxy use: by the chains
// that kubelet leaves as a hint, else by which has more rules, legacy when they are even. The
// legacy tables are only read where the kernel has some, since reading would make them. Where
// neither has a rule, isEvident is false and the backend a mere default.
func DetectBackend(ctx context.Context) (backend Backend, isEvident bool, err error) {
	nftSave, err := run(ctx, "", "iptables-nft-save")
	if err != nil {
		return "", false, err
	}
	if hasHint(nftSave) {
		return NFT, true, nil
	}
	nftRules := strings.Count(nftSave, "\n-A ")
	if names, err := os.ReadFile("/proc/net/ip_tables_names"); err != nil || len(names) == 0 {
		return NFT, nftRules > 0, nil
	}
	legacySave, err := run(ctx, "", "iptables-legacy-save")
	if err != nil {
		return "", false, err
	}
	legacyRules := strings.Count(legacySave, "\n-A ")
	if hasHint(legacySave) || legacyRules >= nftRules {
		return Legacy, legacyRules > 0, nil
	}
	return NFT, true, nil
}

func hasHint(save string) bool {
	_, mangle, _ := strings.Cut(save, "*mangle\n")
	mangle, _, _ = strings.Cut(mangle, "COMMIT")
	return strings.Contains(mangle, "KUBE-IPTABLES-HINT") || strings.Contains(mangle, "KUBE-KUBELET-CANARY")
}

// KubeProxyOnNative tells whether kube-proxy of this node keeps its rules in a table of nftables,
// after which a Felix that may choose goes.
func KubeProxyOnNative(ctx context.Context) bool {
	state, err := readNative(ctx, "ip", "kube-proxy")
	return err == nil && len(state.chains) > 0
}
