package calico

import metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

// KubeControllersConfiguration is one object, "default"; kube-controllers writes its status.
type KubeControllersConfiguration = WithStatus[KubeControllersConfigurationSpec, KubeControllersConfigurationStatus]

// KubeControllersConfigurationSpec is what an operator asks for.
type KubeControllersConfigurationSpec struct {
	LogSeverityScreen      string            `json:"logSeverityScreen,omitempty"`
	HealthChecks           string            `json:"healthChecks,omitempty"`
	EtcdV3CompactionPeriod *metav1.Duration  `json:"etcdV3CompactionPeriod,omitempty"`
	PrometheusMetricsPort  *int              `json:"prometheusMetricsPort,omitempty"`
	Controllers            ControllersConfig `json:"controllers"`
}

// KubeControllersConfigurationStatus is what the running program took from its environment
// and made of it.
type KubeControllersConfigurationStatus struct {
	RunningConfig   *KubeControllersConfigurationSpec `json:"runningConfig,omitempty"`
	EnvironmentVars map[string]string                 `json:"environmentVars,omitempty"`
}

// ControllersConfig has a part for each controller; an absent part is a controller that is off.
type ControllersConfig struct {
	Node             *NodeControllerConfig         `json:"node,omitempty"`
	Policy           *ReconcilerConfig             `json:"policy,omitempty"`
	WorkloadEndpoint *ReconcilerConfig             `json:"workloadEndpoint,omitempty"`
	ServiceAccount   *ReconcilerConfig             `json:"serviceAccount,omitempty"`
	Namespace        *ReconcilerConfig             `json:"namespace,omitempty"`
	LoadBalancer     *LoadBalancerControllerConfig `json:"loadBalancer,omitempty"`
	Migration        *MigrationControllerConfig    `json:"migration,omitempty"`
}

// ReconcilerConfig says how often the datastore is compared with the API server.
type ReconcilerConfig struct {
	ReconcilerPeriod *metav1.Duration `json:"reconcilerPeriod,omitempty"`
}

// NodeControllerConfig is of the controller that follows Kubernetes nodes.
type NodeControllerConfig struct {
	ReconcilerPeriod *metav1.Duration        `json:"reconcilerPeriod,omitempty"`
	SyncLabels       string                  `json:"syncLabels,omitempty"`
	HostEndpoint     *AutoHostEndpointConfig `json:"hostEndpoint,omitempty"`
	LeakGracePeriod  *metav1.Duration        `json:"leakGracePeriod,omitempty"`
}

// AutoHostEndpointConfig says whether nodes get host endpoints by themselves.
type AutoHostEndpointConfig struct {
	AutoCreate                string `json:"autoCreate,omitempty"`
	CreateDefaultHostEndpoint string `json:"createDefaultHostEndpoint,omitempty"`
}

// LoadBalancerControllerConfig says which services get an address.
type LoadBalancerControllerConfig struct {
	AssignIPs string `json:"assignIPs,omitempty"`
}

// MigrationControllerConfig is of the controller that renames old policies.
type MigrationControllerConfig struct {
	PolicyNameMigrator string `json:"policyNameMigrator,omitempty"`
}
