package calico

import "k8s.io/apimachinery/pkg/util/intstr"

// WorkloadEndpoint is a pod's interface on its node.
type WorkloadEndpoint = Typed[WorkloadEndpointSpec]

// WorkloadEndpointSpec is what the CNI plugin writes. IPNetworks are CIDRs of one address.
type WorkloadEndpointSpec struct {
	Orchestrator               string                 `json:"orchestrator,omitempty"`
	Workload                   string                 `json:"workload,omitempty"`
	Node                       string                 `json:"node,omitempty"`
	ContainerID                string                 `json:"containerID,omitempty"`
	Pod                        string                 `json:"pod,omitempty"`
	Endpoint                   string                 `json:"endpoint,omitempty"`
	ServiceAccountName         string                 `json:"serviceAccountName,omitempty"`
	IPNetworks                 []string               `json:"ipNetworks,omitempty"`
	IPNATs                     []IPNAT                `json:"ipNATs,omitempty"`
	IPv4Gateway                string                 `json:"ipv4Gateway,omitempty"`
	IPv6Gateway                string                 `json:"ipv6Gateway,omitempty"`
	Profiles                   []string               `json:"profiles,omitempty"`
	InterfaceName              string                 `json:"interfaceName,omitempty"`
	MAC                        string                 `json:"mac,omitempty"`
	Ports                      []WorkloadEndpointPort `json:"ports,omitempty"`
	AllowSpoofedSourcePrefixes []string               `json:"allowSpoofedSourcePrefixes,omitempty"`
}

// IPNAT maps an outer address onto one of the endpoint's own.
type IPNAT struct {
	InternalIP string `json:"internalIP"`
	ExternalIP string `json:"externalIP"`
}

// EndpointPort is a named port that policies may refer to.
type EndpointPort struct {
	Name     string             `json:"name"`
	Protocol intstr.IntOrString `json:"protocol"`
	Port     uint16             `json:"port"`
}

// WorkloadEndpointPort says too where the node offers the port, also when it does not.
type WorkloadEndpointPort struct {
	EndpointPort
	HostPort uint16 `json:"hostPort"`
	HostIP   string `json:"hostIP"`
}

// HostEndpoint is an interface of a node itself.
type HostEndpoint = Typed[HostEndpointSpec]

// HostEndpointSpec names the interface, "*" for all of them.
type HostEndpointSpec struct {
	Node          string         `json:"node,omitempty"`
	InterfaceName string         `json:"interfaceName,omitempty"`
	ExpectedIPs   []string       `json:"expectedIPs,omitempty"`
	Profiles      []string       `json:"profiles,omitempty"`
	Ports         []EndpointPort `json:"ports,omitempty"`
}
