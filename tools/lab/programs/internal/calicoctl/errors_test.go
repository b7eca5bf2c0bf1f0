package calicoctl

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"calico-chatops/lab/internal/etcdtest"
)

const emptyProfile = "apiVersion: projectcalico.org/v3\nkind: Profile\nmetadata: {name: kns.default}\nspec: {}\n"

func captured(t *testing.T, name string) string {
	t.Helper()
	_, text, _ := strings.Cut(read(t, filepath.Join(captures, "calicoctl-errors", name+".txt")), "\n")
	return text
}

func TestErrorsReadAsTheRealOnes(t *testing.T) {
	server := etcdtest.Start(t)
	useEnvironment(t, server)
	t.Setenv("KUBECONFIG", "")
	if got := output(t, "create -f -", emptyProfile); got != "Successfully created 1 'Profile' resource(s)\nexit 0\n" {
		t.Fatal(got)
	}
	for _, example := range []struct{ capture, command, input string }{
		{"bad-yaml", "apply -f -", "kind: {\n"},
		{"create-existing", "create -f -", emptyProfile},
		{"ipam-check", "ipam check", ""},
		{"ipam-check-all", "ipam check --show-all-ips", ""},
		{"missing-profile", "get profile kns.nope -o yaml", ""},
		{"unknown-kind", "get blah", ""},
	} {
		if got, want := output(t, example.command, example.input), captured(t, example.capture); got != want {
			t.Errorf("%s: printed %q, the real one %q", example.capture, got, want)
		}
	}
	for name := range server.Environment() {
		t.Setenv(name, "")
	}
	if got, want := output(t, "get profile", ""), captured(t, "no-config"); got != want {
		t.Errorf("no-config: printed %q, the real one %q", got, want)
	}
}

func TestSaysNothingWhileEtcdIsUnreachable(t *testing.T) {
	server := etcdtest.Start(t)
	server.Stop()
	useEnvironment(t, server)
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	ended := make(chan struct{})
	var printed strings.Builder
	go func() {
		Run(ctx, []string{"get", "profile"}, Streams{In: strings.NewReader(""), Out: &printed, Err: &printed})
		close(ended)
	}()
	select {
	case <-ended:
		if ctx.Err() == nil {
			t.Errorf("gave up by itself: %s", printed.String())
		}
	case <-time.After(10 * time.Second):
		t.Error("does not heed its context")
	}
}

func TestConfigurationFileRulesAlone(t *testing.T) {
	server := etcdtest.Start(t)
	useEnvironment(t, server)
	file := filepath.Join(t.TempDir(), "calicoctl.cfg")
	write := func(spec string) {
		t.Helper()
		if err := os.WriteFile(file, []byte("apiVersion: projectcalico.org/v3\nkind: CalicoAPIConfig\nmetadata:\nspec:\n"+spec), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("  datastoreType: etcdv3\n")
	if got := output(t, "get profile -c "+file, ""); got != "Failed to create Calico API client: no etcd endpoints specified\nexit 1\n" {
		t.Errorf("the environment was mixed in: %s", got)
	}
	write("  etcdEndpoint: x\n")
	if got := output(t, "get profile -c "+file, ""); !strings.Contains(got, "unknown field") {
		t.Errorf("an unknown field was taken: %s", got)
	}
	config := server.Config
	write("  datastoreType: etcdv3\n  etcdEndpoints: " + config.EtcdEndpoints + "\n  etcdCACertFile: " + config.EtcdCACertFile + "\n  etcdCertFile: " + config.EtcdCertFile + "\n  etcdKeyFile: " + config.EtcdKeyFile + "\n")
	t.Setenv("ETCD_ENDPOINTS", "https://127.0.0.1:1")
	if got := output(t, "get profile -c "+file, ""); !strings.Contains(got, "projectcalico-default-allow") {
		t.Errorf("the file was not used: %s", got)
	}
	if got := output(t, "get profile --config=/nowhere", ""); got != "Failed to create Calico API client: error reading config file: /nowhere\nexit 1\n" {
		t.Errorf("missing file: %s", got)
	}
}
