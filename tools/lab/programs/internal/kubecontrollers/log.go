// Package kubecontrollers keeps Calico's etcd in step with the Kubernetes API: profiles from
// namespaces and service accounts, policies, the labels of endpoints and of nodes. It logs in
// the format and with the phrases of Calico's kube-controllers.
package kubecontrollers

import (
	"fmt"
	"io"
	"os"
	"sort"
	"strings"
	"sync"
	"time"
)

// fields are the values behind a message; texts are quoted, all else is not.
type fields map[string]any

// logger writes lines like
// "2026-11-23 18:11:23.059 [INFO][26561] kube-controllers/cache.go 278: Message key="value"".
type logger struct {
	mutex sync.Mutex
	out   io.Writer
}

func (log *logger) info(place, message string, with fields) { log.line("INFO", place, message, with) }
func (log *logger) warning(place, message string, with fields) {
	log.line("WARNING", place, message, with)
}
func (log *logger) error(place, message string, with fields) { log.line("ERROR", place, message, with) }

// line writes one line. The place is a file of Calico's and a line number in it; without a
// folder it is of kube-controllers.
func (log *logger) line(level, place, message string, with fields) {
	var names []string
	for name := range with {
		names = append(names, name)
	}
	sort.Strings(names)
	if !strings.Contains(place, "/") {
		place = "kube-controllers/" + place
	}
	var line strings.Builder
	fmt.Fprintf(&line, "%s [%s][%d] %s: %s", time.Now().Format("2006-01-02 15:04:05.000"), level, os.Getpid(), place, message)
	for _, name := range names {
		if text, ok := with[name].(string); ok {
			fmt.Fprintf(&line, " %s=%q", name, text)
		} else {
			fmt.Fprintf(&line, " %s=%v", name, with[name])
		}
	}
	line.WriteString("\n")
	log.mutex.Lock()
	defer log.mutex.Unlock()
	_, _ = io.WriteString(log.out, line.String())
}
