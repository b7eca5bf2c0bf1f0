package kubecontrollers

import (
	"context"
	"os"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apiextensions "k8s.io/apiextensions-apiserver/pkg/client/clientset/clientset"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
)

const (
	accountNamespaceFile = "/var/run/secrets/kubernetes.io/serviceaccount/namespace"
	operatorNamespace    = "calico-system"
	migrationInterval    = 5 * time.Second
)

// ownNamespace is where the program's pod runs, as far as it can tell.
func ownNamespace(log *logger) string {
	text, err := os.ReadFile(accountNamespaceFile)
	if err != nil {
		log.warning("policy_name_migrator.go 44", "Failed to read service account namespace file, defaulting to '"+operatorNamespace+"'", fields{"error": err})
		return operatorNamespace
	}
	return string(text)
}

// awaitNodeRollout looks every five seconds whether calico-node has been rolled out, which a
// renaming of old policies would have to wait for. The usual role does not allow this look, and
// every refusal is a line in the log: it says nothing about the cluster's health. There are no
// old policies to rename.
func awaitNodeRollout(ctx context.Context, log *logger, kube kubernetes.Interface, namespace string) {
	log.info("policy_name_migrator.go 126", "Starting policy migration controller", nil)
	tick := time.NewTicker(migrationInterval)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		_, err := kube.AppsV1().DaemonSets(namespace).Get(ctx, "calico-node", metav1.GetOptions{})
		if err == nil || apierrors.IsNotFound(err) {
			return
		}
		log.error("policy_name_migrator.go 241", "Error getting calico-node DaemonSet: "+err.Error(), nil)
	}
}

// watchDefinitions follows the custom resource definitions, which would show a migration of the
// datastore into Kubernetes. The usual role does not allow this either.
func watchDefinitions(ctx context.Context, client apiextensions.Interface) {
	ignore := func(*apiextensionsv1.CustomResourceDefinition) {}
	follow(ctx, source{client.ApiextensionsV1().RESTClient(), "customresourcedefinitions", &apiextensionsv1.CustomResourceDefinition{}}, ignore, ignore)
}
