package dataplane

import (
	"context"
	"testing"
)

// Only what the nft backend has can be told here: /proc/net is that of the process, not of the
// thread whose namespace this is.
func TestDetectBackend(t *testing.T) {
	ownNamespace(t)
	if _, isEvident, err := DetectBackend(context.Background()); isEvident || err != nil {
		t.Error("evident on a node without rules", err)
	}
	command(t, "iptables-nft", "-t", "mangle", "-N", "KUBE-KUBELET-CANARY")
	if backend, isEvident, err := DetectBackend(context.Background()); backend != NFT || !isEvident || err != nil {
		t.Error(backend, isEvident, err)
	}
}
