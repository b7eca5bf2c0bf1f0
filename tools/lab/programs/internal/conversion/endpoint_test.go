package conversion

import (
	"os"
	"reflect"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"calico-chatops/lab/internal/calico"
)

const kubernetesCapture = "healthy-kdd-nft"

// captured are objects that real calicoctl printed where the Kubernetes API was the datastore.
func captured[Resource any](t *testing.T, file string) []Resource {
	t.Helper()
	text, err := os.ReadFile(captures + kubernetesCapture + "/calicoctl/" + file)
	if err != nil {
		t.Fatal(err)
	}
	var list struct {
		Items []Resource `json:"items"`
	}
	if err := yaml.Unmarshal([]byte(strings.TrimSuffix(string(text), "exit 0\n")), &list); err != nil {
		t.Fatal(err)
	}
	if len(list.Items) == 0 {
		t.Fatalf("%s holds nothing", file)
	}
	return list.Items
}

func podOf(endpoint calico.WorkloadEndpoint) *corev1.Pod {
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Name: endpoint.Spec.Pod, Namespace: endpoint.Namespace, Labels: map[string]string{}},
		Spec:       corev1.PodSpec{NodeName: endpoint.Spec.Node, ServiceAccountName: endpoint.Spec.ServiceAccountName},
		Status:     corev1.PodStatus{Phase: corev1.PodRunning, PodIP: strings.TrimSuffix(endpoint.Spec.IPNetworks[0], "/32")},
	}
	for name, value := range endpoint.Labels {
		if !strings.HasPrefix(name, "projectcalico.org/") {
			pod.Labels[name] = value
		}
	}
	return pod
}

func TestEndpointsAreAsTheRealOnesWere(t *testing.T) {
	for _, want := range captured[calico.WorkloadEndpoint](t, "get-wep-all-yaml.txt") {
		got := Endpoint(podOf(want))
		if got == nil || got.Name != want.Name || !reflect.DeepEqual(got.Labels, want.Labels) || !reflect.DeepEqual(got.Spec, want.Spec) {
			t.Errorf("got %+v, the real one %+v", got, want)
		}
	}
}

func TestNodesAreAsTheRealOnesWere(t *testing.T) {
	for _, want := range captured[calico.Node](t, "get-node-yaml.txt") {
		got := Node(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: want.Name, Annotations: map[string]string{
			"projectcalico.org/IPv4Address":        want.Spec.BGP.IPv4Address,
			"projectcalico.org/IPv4IPIPTunnelAddr": want.Spec.BGP.IPv4IPIPTunnelAddr,
		}}})
		if !reflect.DeepEqual(got.Spec.BGP, want.Spec.BGP) || !reflect.DeepEqual(got.Spec.OrchRefs, want.Spec.OrchRefs) {
			t.Errorf("got %+v, the real one %+v", got.Spec, want.Spec)
		}
	}
}

func TestNodesHaveTheAddressesOfTheirTunnel(t *testing.T) {
	spec := Node(&corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: "n1", Annotations: map[string]string{
		"projectcalico.org/IPv4Address":         "192.0.2.1/24",
		"projectcalico.org/IPv4VXLANTunnelAddr": "198.51.100.0",
		"projectcalico.org/VXLANTunnelMACAddr":  "66:00:00:00:00:01",
	}}}).Spec
	if spec.IPv4VXLANTunnelAddr != "198.51.100.0" || spec.VXLANTunnelMACAddr != "66:00:00:00:00:01" {
		t.Errorf("got %+v", spec)
	}
}

func TestWhoHasNoEndpoint(t *testing.T) {
	pod := podOf(captured[calico.WorkloadEndpoint](t, "get-wep-all-yaml.txt")[0])
	change := func(change func(*corev1.Pod)) *corev1.Pod {
		other := pod.DeepCopy()
		change(other)
		return other
	}
	for what, other := range map[string]*corev1.Pod{
		"on its node's network": change(func(pod *corev1.Pod) { pod.Spec.HostNetwork = true }),
		"on no node":            change(func(pod *corev1.Pod) { pod.Spec.NodeName = "" }),
	} {
		if name := EndpointName(other); name != "" {
			t.Errorf("a pod %s is named %s", what, name)
		}
	}
	for what, other := range map[string]*corev1.Pod{
		"ended":           change(func(pod *corev1.Pod) { pod.Status.Phase = corev1.PodFailed }),
		"without address": change(func(pod *corev1.Pod) { pod.Status.PodIP = "" }),
		"unplugged":       change(func(pod *corev1.Pod) { pod.Annotations = map[string]string{"cni.projectcalico.org/podIPs": ""} }),
	} {
		if endpoint := Endpoint(other); endpoint != nil {
			t.Errorf("a pod that is %s has %+v", what, endpoint)
		}
	}
}

func TestAddressesOfBothFamilies(t *testing.T) {
	pod := &corev1.Pod{Spec: corev1.PodSpec{NodeName: "n"}}
	pod.Annotations = map[string]string{"cni.projectcalico.org/podIPs": "10.0.0.1,fd00::1"}
	if networks := podNetworks(pod); !reflect.DeepEqual(networks, []string{"10.0.0.1/32", "fd00::1/128"}) {
		t.Errorf("%q", networks)
	}
}
