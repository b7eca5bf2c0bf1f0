package kubeletlogs

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"
)

// followInterval is how often a followed file is looked at for more.
const followInterval = 100 * time.Millisecond

// Handler serves GET /containerLogs/NAMESPACE/POD/CONTAINER from the files
// DIRECTORY/NAMESPACE/POD/CONTAINER.log and, for a container's predecessor,
// CONTAINER.previous.log. A pod is known when it has a directory.
func Handler(directory string) http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("GET /containerLogs/{namespace}/{pod}/{container}", func(answer http.ResponseWriter, request *http.Request) {
		asked, err := parseOptions(request.URL.Query())
		if err != nil {
			http.Error(answer, err.Error(), http.StatusBadRequest)
			return
		}
		asked.namespace, asked.pod, asked.container = request.PathValue("namespace"), request.PathValue("pod"), request.PathValue("container")
		file, status, err := openLog(directory, asked)
		if err != nil {
			http.Error(answer, err.Error(), status)
			return
		}
		defer file.Close()
		answer.Header().Set("Content-Type", "text/plain")
		if err := send(answer, request, file, asked); err != nil {
			panic(http.ErrAbortHandler) // the client is gone, or must not take this for the end
		}
	})
	return routes
}

// openLog finds the file, or says why not with the kubelet's status and words.
func openLog(directory string, asked options) (*os.File, int, error) {
	for _, part := range []string{asked.namespace, asked.pod, asked.container} {
		if part == "." || part == ".." || strings.ContainsRune(part, '/') {
			return nil, http.StatusBadRequest, fmt.Errorf("%q is no name", part)
		}
	}
	pod := filepath.Join(directory, asked.namespace, asked.pod)
	if _, err := os.Stat(pod); err != nil {
		return nil, http.StatusNotFound, fmt.Errorf("pod %q does not exist", asked.pod)
	}
	name := asked.container + ".log"
	if asked.previous {
		name = asked.container + ".previous.log"
	}
	file, err := os.Open(filepath.Join(pod, name))
	switch {
	case err == nil:
		return file, http.StatusOK, nil
	case asked.previous:
		return nil, http.StatusBadRequest, fmt.Errorf("previous terminated container %q in pod %q not found", asked.container, asked.pod+"_"+asked.namespace)
	default:
		return nil, http.StatusNotFound, fmt.Errorf("container %q not found in pod %q", asked.container, asked.pod)
	}
}

func send(answer http.ResponseWriter, request *http.Request, file *os.File, asked options) error {
	whole, err := io.ReadAll(file)
	if err != nil {
		return err
	}
	left := int64(-1)
	if asked.limitBytes != nil {
		left = *asked.limitBytes
	}
	left, err = write(answer, choose(string(whole), asked, time.Now()), left)
	if err != nil || !asked.follow {
		return err
	}
	tick := time.NewTicker(followInterval)
	defer tick.Stop()
	for left != 0 {
		select {
		case <-request.Context().Done():
			return nil
		case <-tick.C:
		}
		more, err := io.ReadAll(file)
		if err != nil {
			return err
		}
		if left, err = write(answer, string(more), left); err != nil {
			return err
		}
		if _, err := os.Stat(file.Name()); err != nil {
			return nil // the container's log is gone: its end
		}
	}
	return nil
}

// choose keeps what sinceSeconds and tailLines ask for, in this order.
func choose(whole string, asked options, now time.Time) string {
	lines := strings.SplitAfter(whole, "\n")
	if lines[len(lines)-1] == "" {
		lines = lines[:len(lines)-1]
	}
	if asked.sinceSeconds != nil {
		lines = since(lines, now.Add(-time.Duration(*asked.sinceSeconds)*time.Second), now)
	}
	if asked.tailLines != nil {
		lines = lines[len(lines)-int(min(*asked.tailLines, int64(len(lines)))):]
	}
	return strings.Join(lines, "")
}

// write sends at most left bytes (any number when negative) and returns how many are left.
func write(answer http.ResponseWriter, text string, left int64) (int64, error) {
	if left >= 0 && int64(len(text)) > left {
		text = text[:left]
	}
	if _, err := io.WriteString(answer, text); err != nil {
		return left, err
	}
	if left >= 0 {
		left -= int64(len(text))
	}
	return left, http.NewResponseController(answer).Flush()
}
