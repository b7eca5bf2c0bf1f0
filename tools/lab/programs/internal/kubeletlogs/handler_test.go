package kubeletlogs

import (
	"bufio"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"
)

func serve(t *testing.T, log string) (url, file string) {
	t.Helper()
	directory := t.TempDir()
	pod := filepath.Join(directory, "kube-system", "calico-node-a")
	if err := os.MkdirAll(pod, 0o755); err != nil {
		t.Fatal(err)
	}
	file = filepath.Join(pod, "calico-node.log")
	if err := os.WriteFile(file, []byte(log), 0o644); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(Handler(directory))
	t.Cleanup(server.Close)
	return server.URL + "/containerLogs/kube-system/", file
}

func TestAnswers(t *testing.T) {
	stamp := func(age time.Duration) string { return time.Now().Add(-age).Format("2006-01-02 15:04:05.000") }
	klogStamp := time.Now().Format("0102 15:04:05.000000")
	url, _ := serve(t, "undated\n"+stamp(time.Hour)+" [INFO] old\n  more of old\n"+stamp(time.Second)+" [INFO] new\nE"+klogStamp+" 7 x.go:1] newest\n")
	for _, example := range []struct {
		path, want string
		status     int
	}{
		{"calico-node-a/calico-node?tailLines=0", "", 200},
		{"calico-node-a/calico-node?limitBytes=3", "und", 200},
		{"calico-node-a/calico-node?tailLines=99&limitBytes=7", "undated", 200},
		{"calico-node-a/calico-node?sinceSeconds=60&limitBytes=8", "undated\n", 200},
		{"calico-node-a/calico-node?sinceSeconds=60&tailLines=1", "E" + klogStamp + " 7 x.go:1] newest\n", 200},
		{"calico-node-b/calico-node", "pod \"calico-node-b\" does not exist\n", 404},
		{"calico-node-a/bird", "container \"bird\" not found in pod \"calico-node-a\"\n", 404},
		{"calico-node-a/calico-node?previous=true", "previous terminated container \"calico-node\" in pod \"calico-node-a_kube-system\" not found\n", 400},
		{"calico-node-a/calico-node?tailLines=x", "tailLines: \"x\" is not a number of at least 0\n", 400},
		{"calico-node-a/calico-node?timestamps=true", "timestamps: not yet\n", 400},
	} {
		answer, err := http.Get(url + example.path)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode != example.status || string(body) != example.want {
			t.Errorf("%s: %d %q %v, want %d %q", example.path, answer.StatusCode, body, err, example.status, example.want)
		}
	}
}

func TestSinceDropsAnOldLineWithItsContinuation(t *testing.T) {
	now := time.Date(2026, 11, 23, 18, 0, 0, 0, time.UTC)
	got := since([]string{"2026-11-23 17:00:00.1 old\n", "  more\n", "2026-11-23 17:59:30.2 new\n", "  more\n"}, now.Add(-time.Minute), now)
	if len(got) != 2 || got[0] != "2026-11-23 17:59:30.2 new\n" {
		t.Errorf("kept %q", got)
	}
}

func TestFollowsUntilTheLogIsGone(t *testing.T) {
	url, path := serve(t, "first\n")
	answer, err := http.Get(url + "calico-node-a/calico-node?follow=true")
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	lines := bufio.NewReader(answer.Body)
	expect := func(want string) {
		t.Helper()
		if line, err := lines.ReadString('\n'); err != nil || line != want {
			t.Fatalf("read %q %v, want %q", line, err, want)
		}
	}
	expect("first\n")
	file, err := os.OpenFile(path, os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if _, err := file.WriteString("second\n"); err != nil {
		t.Fatal(err)
	}
	expect("second\n")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(lines); err != nil || len(rest) != 0 {
		t.Errorf("after the end: %q %v", rest, err)
	}
}
