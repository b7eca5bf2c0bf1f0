package kubecontrollers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/datastore"
	"calico-chatops/lab/internal/etcdtest"
	"calico-chatops/lab/internal/kubetest"
)

const (
	role      = "calico-kube-controllers"
	patience  = 45 * time.Second
	forbidden = `E\d{4} .* "Failed to watch" err="failed to list \*v1\.Namespace: namespaces is forbidden: User \\"system:serviceaccount:kube-system:calico-kube-controllers\\" cannot list resource \\"namespaces\\" in API group \\"\\" at the cluster scope" logger="UnhandledError" reflector=".*reflector\.go:\d+" type="\*v1\.Namespace"`
)

// cluster is a real API server and etcd, and the program under test.
type cluster struct {
	*testing.T
	etcd    *etcdtest.Server
	kube    *kubetest.Server
	store   *datastore.Client
	program string
}

func TestKeepsTheDatastoreInStep(t *testing.T) {
	here := newCluster(t)
	ctx := t.Context()
	here.allow()
	here.must(here.kube.Admin.CoreV1().Namespaces().Create(ctx, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "shop", Labels: map[string]string{"team": "shop"}}}, metav1.CreateOptions{}))
	here.must(here.kube.Admin.CoreV1().ServiceAccounts("shop").Create(ctx, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Name: "default"}}, metav1.CreateOptions{}))
	here.must(here.kube.Admin.CoreV1().Nodes().Create(ctx, &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n1", Labels: map[string]string{"rack": "1"}}}, metav1.CreateOptions{}))
	here.must(here.kube.Admin.CoreV1().Pods("shop").Create(ctx, &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: "db", Labels: map[string]string{"app": "db"}},
		Spec:       corev1.PodSpec{NodeName: "n1", ServiceAccountName: "default", Containers: []corev1.Container{{Name: "c", Image: "i"}}},
	}, metav1.CreateOptions{}))
	here.put("Node", `{"metadata":{"name":"n1"},"spec":{"orchRefs":[{"nodeName":"n1","orchestrator":"k8s"}]}}`)
	here.put("WorkloadEndpoint", `{"metadata":{"name":"n1-k8s-db-eth0","namespace":"shop","labels":{"app":"old"}},"spec":{"orchestrator":"k8s","pod":"db","node":"n1","interfaceName":"cali1"}}`)
	log := here.run()

	here.eventually("profile kns.shop", func() bool {
		profile, ok := here.get("Profile", "", "kns.shop").(*calico.Profile)
		return ok && reflect.DeepEqual(profile.Spec.LabelsToApply, map[string]string{"pcns.team": "shop", "pcns.kubernetes.io/metadata.name": "shop", "pcns.projectcalico.org/name": "shop"}) &&
			len(profile.Spec.Ingress) == 1 && len(profile.Spec.Egress) == 1
	})
	here.eventually("profile ksa.shop.default", func() bool {
		profile, ok := here.get("Profile", "", "ksa.shop.default").(*calico.Profile)
		return ok && reflect.DeepEqual(profile.Spec, calico.ProfileSpec{LabelsToApply: map[string]string{"pcsa.projectcalico.org/name": "default"}})
	})
	here.eventually("labels of the endpoint", func() bool {
		endpoint := here.get("WorkloadEndpoint", "shop", "n1-k8s-db-eth0").(*calico.WorkloadEndpoint)
		return endpoint.Labels["app"] == "db" && endpoint.Labels["projectcalico.org/serviceaccount"] == "default" &&
			reflect.DeepEqual(endpoint.Spec.Profiles, []string{"kns.shop", "ksa.shop.default"}) && endpoint.Spec.InterfaceName == "cali1"
	})
	here.eventually("labels of the node", func() bool {
		return here.get("Node", "", "n1").GetLabels()["rack"] == "1"
	})
	here.eventually("the configuration's status", func() bool {
		configuration, ok := here.get("KubeControllersConfiguration", "", "default").(*calico.KubeControllersConfiguration)
		return ok && configuration.Status.RunningConfig != nil && configuration.Status.EnvironmentVars["RECONCILER_PERIOD"] == "1s"
	})

	made := here.must(here.kube.Admin.NetworkingV1().NetworkPolicies("shop").Create(ctx, &networkingv1.NetworkPolicy{
		ObjectMeta: metav1.ObjectMeta{Name: "p"}, Spec: networkingv1.NetworkPolicySpec{PodSelector: metav1.LabelSelector{MatchLabels: map[string]string{"app": "db"}}},
	}, metav1.CreateOptions{})).(*networkingv1.NetworkPolicy)
	here.eventually("the policy", func() bool { return here.get("NetworkPolicy", "shop", "knp.default.p") != nil })
	made.Spec.Ingress = []networkingv1.NetworkPolicyIngressRule{{Ports: []networkingv1.NetworkPolicyPort{{Port: ptr(intstr.FromInt32(5432))}}}}
	here.must(here.kube.Admin.NetworkingV1().NetworkPolicies("shop").Update(ctx, made, metav1.UpdateOptions{}))
	here.eventually("the changed policy", func() bool {
		return len(here.get("NetworkPolicy", "shop", "knp.default.p").(*calico.NetworkPolicy).Spec.Ingress) == 1
	})
	here.check(here.kube.Admin.NetworkingV1().NetworkPolicies("shop").Delete(ctx, "p", metav1.DeleteOptions{}))
	here.eventually("the policy's end", func() bool { return here.get("NetworkPolicy", "shop", "knp.default.p") == nil })

	kind, _ := calico.KindNamed("Profile")
	here.check(here.store.Delete(ctx, kind, "", "kns.shop", ""))
	here.eventually("the deleted profile's return", func() bool { return here.get("Profile", "", "kns.shop") != nil })
	for _, phrase := range []string{
		`\[INFO\]\[\d+\] kube-controllers/namespace_controller.go 180: Namespace/Profile controller is now running\n`,
		`I\d{4} .* shared_informer\.go:\d+\] "Waiting for caches to sync" controller="namespaces"\n`,
		`I\d{4} .* shared_informer\.go:\d+\] "Caches are synced" controller="network-policies"\n`,
		`kube-controllers/namespace_controller.go 232: Create/Update Profile in Calico datastore key="kns.shop"\n`,
		`kube-controllers/policy_controller.go 226: Deleting NetworkPolicy from Calico datastore key="shop/knp.default.p"\n`,
		`kube-controllers/namespace_controller.go 249: Successfully created profile key="kns.shop"\n`,
		`\[WARNING\]\[\d+\] kube-controllers/cache.go 278: Value for key is missing in datastore, queueing update to reprogram key="kns.shop" type="Namespace"\n`,
		`cache.go 287: Value for key has changed, queueing update to reprogram key="shop/db" type=converter.WorkloadEndpointData\n`,
		`policy_controller.go 253: Successfully created network policy key="shop/knp.default.p"\n`,
		`health.go 203: Health of component changed name="CalicoDatastore" newReport="live,ready" oldReport="live,non-ready"\n`,
		`customresourcedefinitions.apiextensions.k8s.io is forbidden`,
	} {
		here.eventually("log line "+phrase, func() bool { return regexp.MustCompile(phrase).MatchString(log()) })
	}
}

// The first case: rights and profile lost, the program restarted; then the rights come back.
func TestLosesAndRegainsItsRights(t *testing.T) {
	here := newCluster(t)
	log := here.run()
	here.eventually("the refusal in the log", func() bool { return regexp.MustCompile(forbidden).MatchString(log()) })
	if here.get("Profile", "", "kns.default") != nil || strings.Contains(log(), "Namespace/Profile controller is now running") {
		t.Error("it claims to run without having read a namespace")
	}
	here.eventually("readiness all the same", func() bool {
		text, err := os.ReadFile(here.statusFile())
		return err == nil && strings.Contains(string(text), `"KubeAPIServer":{"Ready":true,"Reason":""}`)
	})
	here.allow()
	here.eventually("the profile, with no restart", func() bool { return here.get("Profile", "", "kns.default") != nil })
}

func newCluster(t *testing.T) *cluster {
	t.Helper()
	here := &cluster{T: t, etcd: etcdtest.Start(t), program: filepath.Join(t.TempDir(), "kube-controllers")}
	here.kube = kubetest.Start(t, here.etcd)
	output, err := exec.Command("go", "build", "-o", here.program, "../../cmd/kube-controllers").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	here.store, err = datastore.Connect(here.etcd.Config)
	here.check(err)
	t.Cleanup(func() { here.store.Close() })
	return here
}

// allow makes role and binding as the etcd manifest of Calico has them.
func (here *cluster) allow() {
	here.Helper()
	read := []string{"get", "list", "watch"}
	rules := []rbacv1.PolicyRule{
		{APIGroups: []string{""}, Resources: []string{"pods", "nodes", "namespaces", "serviceaccounts"}, Verbs: read},
		{APIGroups: []string{"networking.k8s.io"}, Resources: []string{"networkpolicies"}, Verbs: read[1:]},
	}
	here.must(here.kube.Admin.RbacV1().ClusterRoles().Create(here.Context(), &rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: role}, Rules: rules}, metav1.CreateOptions{}))
	here.must(here.kube.Admin.RbacV1().ClusterRoleBindings().Create(here.Context(), &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: role}, RoleRef: rbacv1.RoleRef{APIGroup: "rbac.authorization.k8s.io", Kind: "ClusterRole", Name: role},
		Subjects: []rbacv1.Subject{{Kind: "ServiceAccount", Name: "calico-kube-controllers", Namespace: "kube-system"}},
	}, metav1.CreateOptions{}))
}

// run starts the program and returns what reads its log so far.
func (here *cluster) run() func() string {
	here.Helper()
	path := filepath.Join(here.TempDir(), "log")
	file, err := os.Create(path)
	here.check(err)
	defer file.Close()
	command := exec.Command(here.program, "--status-file", here.statusFile())
	command.Env = append(os.Environ(), "KUBECONFIG="+here.kube.WriteKubeconfig(here.T), "RECONCILER_PERIOD=1s")
	for name, value := range here.etcd.Environment() {
		command.Env = append(command.Env, name+"="+value)
	}
	command.Stdout, command.Stderr = file, file
	here.check(command.Start())
	read := func() string {
		text, err := os.ReadFile(path)
		here.check(err)
		return string(text)
	}
	here.Cleanup(func() {
		here.check(command.Process.Signal(os.Interrupt))
		if err := command.Wait(); err != nil {
			here.Errorf("its end: %v", err)
		}
		if here.Failed() {
			here.Log(read())
		}
	})
	return read
}

func (here *cluster) statusFile() string {
	return filepath.Join(filepath.Dir(here.program), "status.json")
}

func (here *cluster) get(kindName, namespace, name string) calico.Resource {
	here.Helper()
	kind, _ := calico.KindNamed(kindName)
	resource, err := here.store.Get(context.Background(), kind, namespace, name)
	var missing datastore.NotFound
	if errors.As(err, &missing) {
		return nil
	}
	here.check(err)
	return resource
}

func (here *cluster) put(kindName, text string) {
	here.Helper()
	kind, _ := calico.KindNamed(kindName)
	resource := kind.Empty()
	here.check(json.Unmarshal([]byte(text), resource))
	here.check(here.store.Create(here.Context(), kind, resource))
}

func (here *cluster) eventually(what string, holds func() bool) {
	here.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) {
			here.Fatal(fmt.Sprintf("in vain waited for %s", what))
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (here *cluster) must(object any, err error) any {
	here.Helper()
	here.check(err)
	return object
}

func (here *cluster) check(err error) {
	here.Helper()
	if err != nil {
		here.Fatal(err)
	}
}

func ptr[T any](value T) *T { return &value }
