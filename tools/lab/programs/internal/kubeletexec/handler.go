// Package kubeletexec answers the API server's requests to run a command in a container, with the
// kubelet's own streaming library. Containers are processes of the node that have described
// themselves in a file.
package kubeletexec

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/util/remotecommand"
	streams "k8s.io/kubelet/pkg/cri/streaming/remotecommand"
)

const (
	idleTimeout     = 4 * time.Hour
	creationTimeout = 30 * time.Second
)

// Handler serves /exec/NAMESPACE/POD/CONTAINER. A container runs when DIRECTORY/NAMESPACE/POD has a
// file CONTAINER.json.
func Handler(directory string) http.Handler {
	routes := http.NewServeMux()
	routes.HandleFunc("/exec/{namespace}/{pod}/{container}", func(answer http.ResponseWriter, request *http.Request) {
		pod, name := request.PathValue("pod"), request.PathValue("container")
		for _, part := range []string{request.PathValue("namespace"), pod, name} {
			if part == "." || part == ".." || strings.ContainsRune(part, '/') {
				http.Error(answer, fmt.Sprintf("%q is no name", part), http.StatusBadRequest)
				return
			}
		}
		folder := filepath.Join(directory, request.PathValue("namespace"), pod)
		if _, err := os.Stat(folder); err != nil {
			http.Error(answer, fmt.Sprintf("pod %q does not exist", pod), http.StatusNotFound)
			return
		}
		running, err := readContainer(filepath.Join(folder, name+".json"))
		if err != nil {
			http.Error(answer, fmt.Sprintf("container not found (%q)", name), http.StatusNotFound)
			return
		}
		options, err := streams.NewOptions(request)
		if err != nil {
			http.Error(answer, err.Error(), http.StatusBadRequest)
			return
		}
		command := request.URL.Query()["command"]
		streams.ServeExec(answer, request, running, pod, "", name, command, options, idleTimeout, creationTimeout, remotecommand.SupportedStreamingProtocols)
	})
	return routes
}
