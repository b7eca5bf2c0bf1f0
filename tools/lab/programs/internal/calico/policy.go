package calico

import "k8s.io/apimachinery/pkg/util/intstr"

// Profile names rules and labels that endpoints take on by naming the profile.
type Profile = Typed[ProfileSpec]

// ProfileSpec has no order, tier or selector: endpoints name the profile instead.
type ProfileSpec struct {
	Ingress       []Rule            `json:"ingress,omitempty"`
	Egress        []Rule            `json:"egress,omitempty"`
	LabelsToApply map[string]string `json:"labelsToApply,omitempty"`
}

// NetworkPolicy selects endpoints of its own namespace.
type NetworkPolicy = Typed[NetworkPolicySpec]

// NetworkPolicySpec orders its rules within a tier; an absent order comes last.
type NetworkPolicySpec struct {
	Tier                   string   `json:"tier,omitempty"`
	Order                  *float64 `json:"order,omitempty"`
	Ingress                []Rule   `json:"ingress,omitempty"`
	Egress                 []Rule   `json:"egress,omitempty"`
	Selector               string   `json:"selector,omitempty"`
	Types                  []string `json:"types,omitempty"`
	ServiceAccountSelector string   `json:"serviceAccountSelector,omitempty"`
	PerformanceHints       []string `json:"performanceHints,omitempty"`
}

// GlobalNetworkPolicy selects endpoints of every namespace.
type GlobalNetworkPolicy = Typed[GlobalNetworkPolicySpec]

// GlobalNetworkPolicySpec adds what only makes sense outside a namespace.
type GlobalNetworkPolicySpec struct {
	Tier                   string   `json:"tier,omitempty"`
	Order                  *float64 `json:"order,omitempty"`
	Ingress                []Rule   `json:"ingress,omitempty"`
	Egress                 []Rule   `json:"egress,omitempty"`
	Selector               string   `json:"selector,omitempty"`
	Types                  []string `json:"types,omitempty"`
	DoNotTrack             bool     `json:"doNotTrack,omitempty"`
	PreDNAT                bool     `json:"preDNAT,omitempty"`
	ApplyOnForward         bool     `json:"applyOnForward,omitempty"`
	ServiceAccountSelector string   `json:"serviceAccountSelector,omitempty"`
	NamespaceSelector      string   `json:"namespaceSelector,omitempty"`
	PerformanceHints       []string `json:"performanceHints,omitempty"`
}

// Rule is one match and its action: Allow, Deny, Pass or Log.
type Rule struct {
	Action      string              `json:"action"`
	IPVersion   *int                `json:"ipVersion,omitempty"`
	Protocol    *intstr.IntOrString `json:"protocol,omitempty"`
	ICMP        *ICMPMatch          `json:"icmp,omitempty"`
	NotProtocol *intstr.IntOrString `json:"notProtocol,omitempty"`
	NotICMP     *ICMPMatch          `json:"notICMP,omitempty"`
	Source      EntityRule          `json:"source,omitzero"`
	Destination EntityRule          `json:"destination,omitzero"`
	HTTP        *HTTPMatch          `json:"http,omitempty"`
	Metadata    *RuleMetadata       `json:"metadata,omitempty"`
}

// ICMPMatch matches a type, and a code where one is given.
type ICMPMatch struct {
	Type *int `json:"type,omitempty"`
	Code *int `json:"code,omitempty"`
}

// HTTPMatch is enforced by a proxy beside the pod, not by the packet filter.
type HTTPMatch struct {
	Methods []string   `json:"methods,omitempty"`
	Paths   []HTTPPath `json:"paths,omitempty"`
}

// HTTPPath is an exact path or the beginning of one.
type HTTPPath struct {
	Exact  string `json:"exact,omitempty"`
	Prefix string `json:"prefix,omitempty"`
}

// RuleMetadata is free text about a rule.
type RuleMetadata struct {
	Annotations map[string]string `json:"annotations,omitempty"`
}

// EntityRule says who is at one end of the traffic. Everything given must match. Ports are
// numbers, "first:last" or names.
type EntityRule struct {
	Nets              []string             `json:"nets,omitempty"`
	Selector          string               `json:"selector,omitempty"`
	NamespaceSelector string               `json:"namespaceSelector,omitempty"`
	Services          *ServiceMatch        `json:"services,omitempty"`
	Ports             []intstr.IntOrString `json:"ports,omitempty"`
	Domains           []string             `json:"domains,omitempty"`
	NotNets           []string             `json:"notNets,omitempty"`
	NotSelector       string               `json:"notSelector,omitempty"`
	NotPorts          []intstr.IntOrString `json:"notPorts,omitempty"`
	ServiceAccounts   *ServiceAccountMatch `json:"serviceAccounts,omitempty"`
}

// ServiceMatch stands for the endpoints of a Kubernetes service.
type ServiceMatch struct {
	Name      string `json:"name,omitempty"`
	Namespace string `json:"namespace,omitempty"`
}

// ServiceAccountMatch matches pods by the service account they run as.
type ServiceAccountMatch struct {
	Names    []string `json:"names,omitempty"`
	Selector string   `json:"selector,omitempty"`
}

// Tier is a group of policies that is evaluated as a whole, lowest order first.
type Tier = WithStatus[TierSpec, struct{}]

// TierSpec has the order; an absent one comes last. DefaultAction is Deny when absent.
type TierSpec struct {
	Order         *float64 `json:"order,omitempty"`
	DefaultAction string   `json:"defaultAction,omitempty"`
}

// NetworkSet names a set of networks by its labels, for its own namespace.
type NetworkSet = Typed[NetworkSetSpec]

// GlobalNetworkSet names a set of networks by its labels.
type GlobalNetworkSet = Typed[GlobalNetworkSetSpec]

// NetworkSetSpec lists CIDRs.
type NetworkSetSpec struct {
	Nets []string `json:"nets,omitempty"`
}

// GlobalNetworkSetSpec lists CIDRs.
type GlobalNetworkSetSpec struct {
	Nets []string `json:"nets,omitempty"`
}
