package conversion

import (
	"crypto/sha1"
	"encoding/hex"
	"maps"
	"strings"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"

	"calico-chatops/lab/internal/calico"
)

// EndpointLabels are the labels of a pod's endpoint.
func EndpointLabels(pod *corev1.Pod) map[string]string {
	labels := map[string]string{"projectcalico.org/namespace": pod.Namespace, "projectcalico.org/orchestrator": "k8s"}
	maps.Copy(labels, pod.Labels)
	if account := pod.Spec.ServiceAccountName; account != "" {
		labels["projectcalico.org/serviceaccount"] = account
	}
	return labels
}

// EndpointProfiles are the profiles that a pod's endpoint names.
func EndpointProfiles(pod *corev1.Pod) []string {
	profiles := []string{NamespaceProfile + pod.Namespace}
	if account := pod.Spec.ServiceAccountName; account != "" {
		profiles = append(profiles, ServiceAccountProfile+pod.Namespace+"."+account)
	}
	return profiles
}

// EndpointName is the name of a pod's endpoint; nothing for a pod that has none: on no node yet,
// or on its node's own network.
func EndpointName(pod *corev1.Pod) string {
	if pod.Spec.NodeName == "" || pod.Spec.HostNetwork {
		return ""
	}
	doubled := func(part string) string { return strings.ReplaceAll(part, "-", "--") }
	return doubled(pod.Spec.NodeName) + "-k8s-" + doubled(pod.Name) + "-eth0"
}

// Endpoint is the endpoint that Calico's clients make of a pod with a name for one; nothing for
// a pod that has no address, or none any more.
func Endpoint(pod *corev1.Pod) *calico.WorkloadEndpoint {
	networks := podNetworks(pod)
	if len(networks) == 0 || pod.Status.Phase == corev1.PodSucceeded || pod.Status.Phase == corev1.PodFailed {
		return nil
	}
	hash := sha1.Sum([]byte(pod.Namespace + "." + pod.Name))
	endpoint := &calico.WorkloadEndpoint{
		TypeMeta:   metav1.TypeMeta{APIVersion: calico.APIVersion, Kind: "WorkloadEndpoint"},
		ObjectMeta: metav1.ObjectMeta{Name: EndpointName(pod), Namespace: pod.Namespace, Labels: EndpointLabels(pod)},
		Spec: calico.WorkloadEndpointSpec{
			Orchestrator: "k8s", Node: pod.Spec.NodeName, Pod: pod.Name, Endpoint: "eth0",
			ServiceAccountName: pod.Spec.ServiceAccountName, IPNetworks: networks,
			Profiles: EndpointProfiles(pod), InterfaceName: "cali" + hex.EncodeToString(hash[:])[:11],
		},
	}
	for _, container := range pod.Spec.Containers {
		for _, port := range container.Ports {
			if port.Name == "" {
				continue
			}
			named := calico.EndpointPort{Name: port.Name, Protocol: intstr.FromString(string(port.Protocol)), Port: uint16(port.ContainerPort)}
			endpoint.Spec.Ports = append(endpoint.Spec.Ports, calico.WorkloadEndpointPort{EndpointPort: named})
		}
	}
	return endpoint
}

// podNetworks are what the CNI plugin wrote, else the kubelet.
func podNetworks(pod *corev1.Pod) []string {
	text, written := pod.Annotations["cni.projectcalico.org/podIPs"]
	if !written {
		text = pod.Status.PodIP
	}
	var networks []string
	for _, address := range strings.Split(text, ",") {
		if address == "" {
			continue
		}
		if !strings.Contains(address, "/") {
			address += "/" + bitsOf(address)
		}
		networks = append(networks, address)
	}
	return networks
}

// bitsOf is the length of a whole address.
func bitsOf(address string) string {
	if strings.Contains(address, ":") {
		return "128"
	}
	return "32"
}

// Node is Calico's node of the annotations that calico-node writes.
func Node(node *corev1.Node) *calico.Node {
	note := func(name string) string { return node.Annotations["projectcalico.org/"+name] }
	converted := &calico.Node{
		TypeMeta:   metav1.TypeMeta{APIVersion: calico.APIVersion, Kind: "Node"},
		ObjectMeta: metav1.ObjectMeta{Name: node.Name, Labels: node.Labels},
		Spec: calico.NodeSpec{
			OrchRefs:            []calico.OrchRef{{NodeName: node.Name, Orchestrator: "k8s"}},
			IPv4VXLANTunnelAddr: note("IPv4VXLANTunnelAddr"),
			VXLANTunnelMACAddr:  note("VXLANTunnelMACAddr"),
			IPv6VXLANTunnelAddr: note("IPv6VXLANTunnelAddr"), VXLANTunnelMACAddrV6: note("VXLANTunnelMACAddrV6"),
		},
	}
	bgp := calico.NodeBGP{
		IPv4Address: note("IPv4Address"), IPv6Address: note("IPv6Address"), IPv4IPIPTunnelAddr: note("IPv4IPIPTunnelAddr"),
	}
	if bgp.IPv4Address != "" || bgp.IPv6Address != "" {
		converted.Spec.BGP = &bgp
	}
	return converted
}
