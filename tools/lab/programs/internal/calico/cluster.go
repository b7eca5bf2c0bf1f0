package calico

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// IPPool is a range from which pods get addresses.
type IPPool = Typed[IPPoolSpec]

// IPPoolSpec has the encapsulation modes Always, CrossSubnet and Never.
type IPPoolSpec struct {
	CIDR             string   `json:"cidr"`
	VXLANMode        string   `json:"vxlanMode,omitempty"`
	IPIPMode         string   `json:"ipipMode,omitempty"`
	NATOutgoing      bool     `json:"natOutgoing,omitempty"`
	Disabled         bool     `json:"disabled,omitempty"`
	DisableBGPExport bool     `json:"disableBGPExport,omitempty"`
	BlockSize        int      `json:"blockSize,omitempty"`
	NodeSelector     string   `json:"nodeSelector,omitempty"`
	AllowedUses      []string `json:"allowedUses,omitempty"`
	AssignmentMode   string   `json:"assignmentMode,omitempty"`
}

// Node is what Calico knows of a node; its status is always shown, empty or not.
type Node = WithStatus[NodeSpec, NodeStatus]

// NodeSpec has the addresses of a node and of its tunnels.
type NodeSpec struct {
	BGP                  *NodeBGP       `json:"bgp,omitempty"`
	IPv4VXLANTunnelAddr  string         `json:"ipv4VXLANTunnelAddr,omitempty"`
	VXLANTunnelMACAddr   string         `json:"vxlanTunnelMACAddr,omitempty"`
	IPv6VXLANTunnelAddr  string         `json:"ipv6VXLANTunnelAddr,omitempty"`
	VXLANTunnelMACAddrV6 string         `json:"vxlanTunnelMACAddrV6,omitempty"`
	OrchRefs             []OrchRef      `json:"orchRefs,omitempty"`
	Addresses            []Address      `json:"addresses,omitempty"`
	Wireguard            *NodeWireguard `json:"wireguard,omitempty"`
}

// NodeBGP has the node's own address with the prefix length of its network.
type NodeBGP struct {
	ASNumber                *uint32 `json:"asNumber,omitempty"`
	IPv4Address             string  `json:"ipv4Address,omitempty"`
	IPv6Address             string  `json:"ipv6Address,omitempty"`
	IPv4IPIPTunnelAddr      string  `json:"ipv4IPIPTunnelAddr,omitempty"`
	RouteReflectorClusterID string  `json:"routeReflectorClusterID,omitempty"`
}

// NodeWireguard has the address of the node's WireGuard device.
type NodeWireguard struct {
	InterfaceIPv4Address string `json:"interfaceIPv4Address,omitempty"`
}

// OrchRef is the orchestrator's name for the node.
type OrchRef struct {
	NodeName     string `json:"nodeName,omitempty"`
	Orchestrator string `json:"orchestrator"`
}

// Address is one address of a node and what it is for.
type Address struct {
	Address string `json:"address"`
	Type    string `json:"type,omitempty"`
}

// NodeStatus is written by Felix for WireGuard.
type NodeStatus struct {
	WireguardPublicKey string `json:"wireguardPublicKey,omitempty"`
}

// ClusterInformation is one object, "default", that clients may only read.
type ClusterInformation = Typed[ClusterInformationSpec]

// ClusterInformationSpec tells whether the datastore may be used.
type ClusterInformationSpec struct {
	ClusterGUID    string `json:"clusterGUID,omitempty"`
	ClusterType    string `json:"clusterType,omitempty"`
	CalicoVersion  string `json:"calicoVersion,omitempty"`
	DatastoreReady *bool  `json:"datastoreReady,omitempty"`
	Variant        string `json:"variant,omitempty"`
}

// FelixConfiguration is Felix's configuration, "default" for all nodes or "node.NAME". Only
// the settings that the lab's Felix honours are here; any other is refused as unknown.
type FelixConfiguration = Typed[FelixConfigurationSpec]

// FelixConfigurationSpec leaves a setting at Felix's own default where it is absent.
type FelixConfigurationSpec struct {
	BPFEnabled                  *bool            `json:"bpfEnabled,omitempty"`
	ChainInsertMode             string           `json:"chainInsertMode,omitempty"`
	DefaultEndpointToHostAction string           `json:"defaultEndpointToHostAction,omitempty"`
	DropActionOverride          string           `json:"dropActionOverride,omitempty"`
	InterfacePrefix             string           `json:"interfacePrefix,omitempty"`
	IPIPEnabled                 *bool            `json:"ipipEnabled,omitempty"`
	IPIPMTU                     *int             `json:"ipipMTU,omitempty"`
	IptablesBackend             string           `json:"iptablesBackend,omitempty"`
	IptablesFilterAllowAction   string           `json:"iptablesFilterAllowAction,omitempty"`
	IptablesMarkMask            *uint32          `json:"iptablesMarkMask,omitempty"`
	IptablesRefreshInterval     *metav1.Duration `json:"iptablesRefreshInterval,omitempty"`
	LogPrefix                   string           `json:"logPrefix,omitempty"`
	LogSeverityScreen           string           `json:"logSeverityScreen,omitempty"`
	NATOutgoingAddress          string           `json:"natOutgoingAddress,omitempty"`
	NFTablesMode                string           `json:"nftablesMode,omitempty"`
	ReportingInterval           *metav1.Duration `json:"reportingInterval,omitempty"`
	RouteRefreshInterval        *metav1.Duration `json:"routeRefreshInterval,omitempty"`
	VXLANEnabled                *bool            `json:"vxlanEnabled,omitempty"`
	VXLANMTU                    *int             `json:"vxlanMTU,omitempty"`
	VXLANPort                   *int             `json:"vxlanPort,omitempty"`
	VXLANVNI                    *int             `json:"vxlanVNI,omitempty"`
	WorkloadSourceSpoofing      string           `json:"workloadSourceSpoofing,omitempty"`
}

// BGPConfiguration is the cluster's BGP configuration, "default" for all nodes.
type BGPConfiguration = Typed[BGPConfigurationSpec]

// BGPConfigurationSpec leaves the mesh on and the AS number 64512 where absent.
type BGPConfigurationSpec struct {
	LogSeverityScreen     string  `json:"logSeverityScreen,omitempty"`
	NodeToNodeMeshEnabled *bool   `json:"nodeToNodeMeshEnabled,omitempty"`
	ASNumber              *uint32 `json:"asNumber,omitempty"`
	ListenPort            uint16  `json:"listenPort,omitempty"`
}

// BGPPeer is a peer outside the node-to-node mesh.
type BGPPeer = Typed[BGPPeerSpec]

// BGPPeerSpec applies to one node, to the nodes a selector names, or to all.
type BGPPeerSpec struct {
	Node         string `json:"node,omitempty"`
	PeerIP       string `json:"peerIP,omitempty"`
	ASNumber     uint32 `json:"asNumber,omitempty"`
	NodeSelector string `json:"nodeSelector,omitempty"`
	PeerSelector string `json:"peerSelector,omitempty"`
}
