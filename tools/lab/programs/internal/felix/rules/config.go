package rules

// Config is what the rules of a node depend on beside its endpoints and policies.
type Config struct {
	// InterfacePrefix begins the names of the host's ends of pods' interfaces.
	InterfacePrefix string
	// Family is the version of IP of the tables.
	Family      Family
	IPIP, VXLAN bool
	// Native is set in nftables mode: names may be longer, and a verdict map leads to endpoints.
	Native bool
	// Old is set where the node runs Calico 2.x.
	Old bool
	// EndpointToHostAction is ACCEPT, DROP or RETURN: what pods may do to their own node.
	EndpointToHostAction string
	LogPrefix            string
}

const (
	ipipDevice = "tunl0"
	vxlanPort  = "4789"
)

// Node is what is active on a node.
type Node struct {
	Endpoints []Endpoint
	Policies  []Policy
	Profiles  []Profile
}

// Endpoint is a pod's interface on the node, and what applies to it, in order.
type Endpoint struct {
	Interface       string
	Ingress, Egress []Tier
	Profiles        []string
}

// Tier is a tier's policies of one direction that apply to an endpoint, in order.
type Tier struct {
	Name     string
	Policies []PolicyRef
	// PassAtEnd is set when packets that no policy judged go on instead of being dropped.
	PassAtEnd bool
}

// PolicyRef names a policy and has its selector in canonical text: neighbours of one
// selector form a group.
type PolicyRef struct {
	ID       PolicyID
	Selector string
}

// PolicyID is the identity of a policy. The namespace is empty for global ones.
type PolicyID struct{ Kind, Namespace, Name string }

// Policy has the rules of both directions.
type Policy struct {
	ID              PolicyID
	Ingress, Egress []PolicyRule
}

// Profile has the rules of both directions; of a missing one they are the stand-in drop.
type Profile struct {
	Name            string
	Ingress, Egress []PolicyRule
}

// PolicyRule is one rule with its selectors resolved to the names of IP sets.
type PolicyRule struct {
	// Action is Allow, Deny, Pass or Log.
	Action                string
	Protocol, NotProtocol string
	ICMP, NotICMP         string
	Source, Destination   Peer
	Annotations           []string
}

// Peer is one end of a rule. Ports are "80" or "8000:8080"; named ports are IP sets of address
// and port, each an alternative to the numbers.
type Peer struct {
	Nets, NotNets             []string
	Sets, NotSets             []string
	Ports, NotPorts           []string
	NamedPorts, NotNamedPorts []string
}
