package kubecontrollers

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"calico-chatops/lab/internal/calico"
)

// Controllers that can be enabled; "profile" is another name of "namespace".
const (
	policyController           = "policy"
	namespaceController        = "namespace"
	serviceAccountController   = "serviceaccount"
	workloadEndpointController = "workloadendpoint"
	nodeController             = "node"
)

var allControllers = []string{policyController, namespaceController, serviceAccountController, workloadEndpointController, nodeController}

// settings are what the environment says, completed by the defaults.
type settings struct {
	enabled          []string
	reconcilerPeriod time.Duration
	compactionPeriod time.Duration
	syncNodeLabels   bool
	health           bool
	// given are the variables that were set, as the configuration's status shows them.
	given map[string]string
}

// readSettings reads the variables of kube-controllers by a function like os.LookupEnv.
func readSettings(lookup func(string) (string, bool)) (settings, error) {
	read := settings{enabled: allControllers, reconcilerPeriod: 5 * time.Minute, compactionPeriod: 10 * time.Minute, syncNodeLabels: true, health: true, given: map[string]string{}}
	for name, parse := range map[string]func(string) error{
		"LOG_LEVEL":           func(string) error { return nil },
		"ENABLED_CONTROLLERS": read.enable,
		"RECONCILER_PERIOD":   period(&read.reconcilerPeriod),
		"COMPACTION_PERIOD":   period(&read.compactionPeriod),
		"SYNC_NODE_LABELS":    truth(&read.syncNodeLabels),
		"HEALTH_ENABLED":      truth(&read.health),
	} {
		value, set := lookup(name)
		if !set {
			continue
		}
		read.given[name] = value
		if err := parse(value); err != nil {
			return settings{}, err
		}
	}
	return read, nil
}

func (read *settings) enable(list string) error {
	read.enabled = nil
	for _, name := range strings.Split(list, ",") {
		name = strings.TrimSpace(name)
		if name == "profile" {
			name = namespaceController
		}
		switch {
		case slices.Contains(allControllers, name):
			read.enabled = append(read.enabled, name)
		case name != "loadbalancer": // has nothing to do without services of that type
			return fmt.Errorf("Invalid controller '%s' provided.", name) //nolint:staticcheck // the real one's words
		}
	}
	return nil
}

func period(target *time.Duration) func(string) error {
	return func(text string) (err error) {
		*target, err = time.ParseDuration(text)
		return err
	}
}

func truth(target *bool) func(string) error {
	return func(text string) (err error) {
		*target, err = strconv.ParseBool(strings.ToLower(text))
		return err
	}
}

// initialSpec is what the configuration object says when nobody has written one.
func initialSpec() calico.KubeControllersConfigurationSpec {
	every := &calico.ReconcilerConfig{ReconcilerPeriod: duration(5 * time.Minute)}
	port := 9094
	return calico.KubeControllersConfigurationSpec{
		LogSeverityScreen: "Info", HealthChecks: "Enabled", EtcdV3CompactionPeriod: duration(10 * time.Minute), PrometheusMetricsPort: &port,
		Controllers: calico.ControllersConfig{
			LoadBalancer: &calico.LoadBalancerControllerConfig{AssignIPs: "AllServices"},
			Migration:    &calico.MigrationControllerConfig{PolicyNameMigrator: "Enabled"},
			Namespace:    every, Policy: every, ServiceAccount: every, WorkloadEndpoint: every,
			Node: nodeConfig("Enabled", every.ReconcilerPeriod),
		},
	}
}

// running is what the configuration's status shows: the settings in force.
func (read settings) running() *calico.KubeControllersConfigurationSpec {
	every := &calico.ReconcilerConfig{ReconcilerPeriod: duration(read.reconcilerPeriod)}
	spec := &calico.KubeControllersConfigurationSpec{
		LogSeverityScreen: "Info", HealthChecks: enabled(read.health), EtcdV3CompactionPeriod: duration(read.compactionPeriod),
		Controllers: calico.ControllersConfig{Migration: &calico.MigrationControllerConfig{PolicyNameMigrator: "Enabled"}},
	}
	for name, set := range map[string]func(){
		namespaceController:        func() { spec.Controllers.Namespace = every },
		policyController:           func() { spec.Controllers.Policy = every },
		serviceAccountController:   func() { spec.Controllers.ServiceAccount = every },
		workloadEndpointController: func() { spec.Controllers.WorkloadEndpoint = every },
		nodeController:             func() { spec.Controllers.Node = nodeConfig(enabled(read.syncNodeLabels), nil) },
	} {
		if slices.Contains(read.enabled, name) {
			set()
		}
	}
	return spec
}

func nodeConfig(syncLabels string, every *metav1.Duration) *calico.NodeControllerConfig {
	return &calico.NodeControllerConfig{
		ReconcilerPeriod: every, SyncLabels: syncLabels, LeakGracePeriod: duration(15 * time.Minute),
		HostEndpoint: &calico.AutoHostEndpointConfig{AutoCreate: "Disabled", CreateDefaultHostEndpoint: "Enabled"},
	}
}

func duration(value time.Duration) *metav1.Duration { return &metav1.Duration{Duration: value} }

func enabled(yes bool) string {
	if yes {
		return "Enabled"
	}
	return "Disabled"
}
