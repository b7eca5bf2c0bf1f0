package kubecontrollers

import (
	"context"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// runOnKubernetes plays the controllers where the Kubernetes API is the datastore: there they
// free addresses, and have nothing to mirror. It follows nodes and pods, says what it enables,
// and tells whether the API server answers.
func runOnKubernetes(ctx context.Context, log *logger, state *health, kubeconfig string, fatal func(string, string, fields) error) error {
	var kube *kubernetes.Clientset
	config, err := clientcmd.BuildConfigFromFlags("", kubeconfig)
	if err == nil {
		kube, err = kubernetes.NewForConfig(config)
	}
	if err != nil {
		return fatal("run.go 150", "Failed to start", fields{"error": err})
	}
	for _, name := range []string{"Node", "LoadBalancer"} {
		log.info("run.go 565", "Starting controller", fields{"ControllerType": name})
	}
	follow(ctx, source{client(kube), "nodes", &corev1.Node{}}, func(*corev1.Node) {}, func(*corev1.Node) {})
	follow(ctx, source{client(kube), "pods", &corev1.Pod{}}, func(*corev1.Pod) {}, func(*corev1.Pod) {})
	state.report("Startup", "")
	state.watchServer(ctx, kube)
	return nil
}

func client(kube kubernetes.Interface) rest.Interface { return kube.CoreV1().RESTClient() }
