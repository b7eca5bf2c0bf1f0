package settings

import (
	"fmt"
	"strings"

	"calico-chatops/lab/internal/calico"
)

// parameters are names that real Felix knows, by their lower-case spelling: those honoured
// here, and those that a lab may set for real Felix's sake.
var parameters = map[string]string{}

func init() {
	for _, name := range []string{
		"BPFEnabled", "DatastoreType", "DebugSkipCTLBCleanup", "DefaultEndpointToHostAction", "EtcdCaFile",
		"EtcdCertFile", "EtcdEndpoints", "EtcdKeyFile", "FelixHostname", "HealthEnabled", "HealthHost", "HealthPort",
		"InterfacePrefix", "IpInIpEnabled", "IpInIpMtu", "IpsetsRefreshInterval", "Ipv6Support", "IptablesBackend",
		"IptablesRefreshInterval", "LogFilePath", "LogPrefix", "LogSeverityFile", "LogSeverityScreen", "LogSeveritySys",
		"NFTablesMode", "PrometheusMetricsEnabled", "RouteRefreshInterval", "TyphaCAFile", "TyphaCertFile", "TyphaCN",
		"TyphaK8sNamespace", "TyphaK8sServiceName", "TyphaKeyFile", "UsageReportingEnabled", "VXLANEnabled", "VXLANMTU",
	} {
		parameters[strings.ToLower(name)] = name
	}
}

// fromConfiguration are the values that a FelixConfiguration sets.
func fromConfiguration(configuration *calico.FelixConfiguration, source Source) []Value {
	if configuration == nil {
		return nil
	}
	spec := configuration.Spec
	var values []Value
	add := func(name, text string) {
		if text != "" {
			values = append(values, Value{name, text, source})
		}
	}
	add("DefaultEndpointToHostAction", spec.DefaultEndpointToHostAction)
	add("InterfacePrefix", spec.InterfacePrefix)
	add("IptablesBackend", spec.IptablesBackend)
	add("LogPrefix", spec.LogPrefix)
	add("NFTablesMode", spec.NFTablesMode)
	add("LogSeverityScreen", spec.LogSeverityScreen)
	if spec.IPIPEnabled != nil {
		add("IpInIpEnabled", fmt.Sprint(*spec.IPIPEnabled))
	}
	if spec.VXLANEnabled != nil {
		add("VXLANEnabled", fmt.Sprint(*spec.VXLANEnabled))
	}
	if spec.IptablesRefreshInterval != nil {
		add("IptablesRefreshInterval", fmt.Sprint(spec.IptablesRefreshInterval.Seconds()))
	}
	if spec.RouteRefreshInterval != nil {
		add("RouteRefreshInterval", fmt.Sprint(spec.RouteRefreshInterval.Seconds()))
	}
	return values
}
