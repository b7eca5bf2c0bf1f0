package kubecontrollers

import (
	"context"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"

	"calico-chatops/lab/internal/conversion"
	"calico-chatops/lab/internal/datastore"
)

// controller is one of the enabled parts: what it says, what it follows, what it keeps.
type controller struct {
	// shown is the controller's type as the log has it.
	shown string
	// waiting is what it waits for in client-go's words.
	waiting           string
	starting, running message
	// follow starts to follow Kubernetes; the result tells whether the first list is through.
	follow func(context.Context) func() bool
	// keep brings the datastore in step until the context ends.
	keep func(context.Context, time.Duration)
}

type message struct{ place, text string }

// run starts to keep only once Kubernetes has been read: an unreadable Kubernetes leaves the
// datastore as it is.
func (part controller) run(ctx context.Context, log *logger, period time.Duration) {
	log.info(part.starting.place, part.starting.text, nil)
	synced := part.follow(ctx)
	if !cache.WaitForNamedCacheSync(part.waiting, ctx.Done(), synced) {
		return
	}
	go part.keep(ctx, period)
	if part.running.text != "" {
		log.info(part.running.place, part.running.text, nil)
	}
}

func makeControllers(log *logger, store *datastore.Client, kube kubernetes.Interface, read settings) map[string]controller {
	core := kube.CoreV1().RESTClient()
	namespaces := mirrorProfiles(log, store, conversion.NamespaceProfile, namespaceWords)
	accounts := mirrorProfiles(log, store, conversion.ServiceAccountProfile, serviceAccountWords)
	policies := mirrorPolicies(log, store)
	endpoints := mirrorEndpoints(log, store)
	nodes := mirrorNodes(log, store, read.syncNodeLabels)
	return map[string]controller{
		namespaceController: {
			shown:    "Namespace",
			waiting:  "namespaces",
			starting: message{"namespace_controller.go 162", "Starting Namespace/Profile controller"},
			running:  message{"namespace_controller.go 180", "Namespace/Profile controller is now running"},
			keep:     namespaces.run,
			follow: func(ctx context.Context) func() bool {
				return follow(ctx, source{core, "namespaces", &corev1.Namespace{}}, func(namespace *corev1.Namespace) {
					if namespace.Status.Phase != corev1.NamespaceTerminating { // its end comes as a deletion
						namespaces.set(conversion.ProfileOfNamespace(namespace))
					}
				}, func(namespace *corev1.Namespace) { namespaces.unset(conversion.NamespaceProfile + namespace.Name) })
			},
		},
		serviceAccountController: {
			shown:    "ServiceAccount",
			waiting:  "service-accounts",
			starting: message{"serviceaccount_controller.go 167", "Starting ServiceAccount/Profile controller"},
			running:  message{"serviceaccount_controller.go 185", "ServiceAccount/Profile controller is now running"},
			keep:     accounts.run,
			follow: func(ctx context.Context) func() bool {
				return follow(ctx, source{core, "serviceaccounts", &corev1.ServiceAccount{}}, func(account *corev1.ServiceAccount) {
					accounts.set(conversion.ProfileOfServiceAccount(account))
				}, func(account *corev1.ServiceAccount) {
					accounts.unset(conversion.ServiceAccountProfile + account.Namespace + "." + account.Name)
				})
			},
		},
		policyController: {
			shown:    "NetworkPolicy",
			waiting:  "network-policies",
			starting: message{"policy_controller.go 162", "Starting NetworkPolicy controller"},
			running:  message{"policy_controller.go 184", "NetworkPolicy controller is now running"},
			keep:     policies.run,
			follow: func(ctx context.Context) func() bool {
				key := func(policy *networkingv1.NetworkPolicy) string {
					return policy.Namespace + "/" + conversion.PolicyPrefix + policy.Name
				}
				return follow(ctx, source{kube.NetworkingV1().RESTClient(), "networkpolicies", &networkingv1.NetworkPolicy{}}, func(policy *networkingv1.NetworkPolicy) {
					spec, err := conversion.Policy(policy)
					if err != nil {
						log.warning("conversion.go 318", "dropping k8s rule that couldn't be converted.", fields{"error": err})
					}
					policies.set(key(policy), spec)
				}, func(policy *networkingv1.NetworkPolicy) { policies.unset(key(policy)) })
			},
		},
		workloadEndpointController: {
			shown:    "Pod",
			waiting:  "pods",
			starting: message{"pod_controller.go 226", "Starting Pod/WorkloadEndpoint controller"},
			running:  message{"pod_controller.go 250", "Pod/WorkloadEndpoint controller is now running"},
			keep:     endpoints.run,
			follow: func(ctx context.Context) func() bool {
				return follow(ctx, source{core, "pods", &corev1.Pod{}}, func(pod *corev1.Pod) {
					if !pod.Spec.HostNetwork && pod.Spec.NodeName != "" {
						endpoints.set(pod.Namespace+"/"+pod.Name, endpointOfPod(pod))
					}
				}, func(pod *corev1.Pod) { endpoints.unset(pod.Namespace + "/" + pod.Name) })
			},
		},
		nodeController: {
			shown:    "Node",
			waiting:  "nodes",
			starting: message{"controller.go 217", "Starting Node controller"},
			keep:     nodes.run,
			follow: func(ctx context.Context) func() bool {
				log.info("syncer.go 100", "Starting syncer", nil)
				return follow(ctx, source{core, "nodes", &corev1.Node{}}, func(node *corev1.Node) { nodes.set(node.Name, node.Labels) },
					func(node *corev1.Node) { nodes.unset(node.Name) })
			},
		},
	}
}
