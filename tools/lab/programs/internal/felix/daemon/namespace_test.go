package daemon

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

const ownNamespaceMark = "FELIX_TEST_IN_OWN_NAMESPACE"

// inOwnNamespace runs the calling test once more in a process with a network namespace of its
// own, and is true there only.
func inOwnNamespace(t *testing.T) bool {
	t.Helper()
	if os.Getenv(ownNamespaceMark) == t.Name() {
		command(t, "ip", "link", "set", "lo", "up")
		return true
	}
	t.Parallel()
	if os.Geteuid() != 0 {
		t.Skip("needs root")
	}
	var parts []string
	for _, part := range strings.Split(t.Name(), "/") {
		parts = append(parts, "^"+regexp.QuoteMeta(part)+"$")
	}
	inner := exec.Command("/proc/self/exe", "-test.v", "-test.run", strings.Join(parts, "/"))
	inner.Env = append(os.Environ(), ownNamespaceMark+"="+t.Name())
	inner.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWNET}
	output, err := inner.CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, output)
	} else if !strings.Contains(string(output), "--- PASS: "+t.Name()) {
		t.Skipf("skipped in its namespace:\n%s", output)
	}
	return false
}

func command(t *testing.T, parts ...string) string {
	t.Helper()
	output, err := exec.Command(parts[0], parts[1:]...).Output()
	if err != nil {
		t.Fatalf("%s: %v", strings.Join(parts, " "), err)
	}
	return string(output)
}
