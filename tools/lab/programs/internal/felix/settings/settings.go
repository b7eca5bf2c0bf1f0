// Package settings is Felix's configuration: the environment before the datastore before
// Felix's own defaults.
package settings

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"

	"calico-chatops/lab/internal/calico"
	"calico-chatops/lab/internal/felix/felixlog"
)

// Settings are the settings that this Felix honours.
type Settings struct {
	Hostname                    string
	IptablesBackend             string // legacy, nft or auto
	NFTablesMode                string // Enabled, Disabled or Auto
	HealthEnabled               bool
	HealthHost                  string
	HealthPort                  int
	DefaultEndpointToHostAction string
	LogSeverityScreen           string
	LogPrefix                   string
	InterfacePrefix             string
	RouteRefreshInterval        time.Duration // 0: never
	IptablesRefreshInterval     time.Duration // 0: never
	IPSetsRefreshInterval       time.Duration // 0: never
	IPIPEnabled, VXLANEnabled   *bool         // nil: as the pools ask for
	IPv6Support                 bool          // only where it is asked for; real Felix has it by default
	// The Service by which Typha is found; no name: Felix reads the datastore itself.
	TyphaNamespace, TyphaServiceName string
	// TyphaCN is the common name that Typha's certificate must have.
	TyphaCAFile, TyphaCertFile, TyphaKeyFile, TyphaCN string
}

// Source is where a value came from, in the words of Felix's log.
type Source string

// The sources, the strongest first.
const (
	Environment Source = "environment variable"
	PerHost     Source = "datastore (per-host)"
	Global      Source = "datastore (global)"
)

// Value is a setting as it was found.
type Value struct {
	Name, Text string
	Source     Source
}

// Result is the settings, and what of them was set and by whom.
type Result struct {
	Settings Settings
	Values   []Value
	// Problems are values that could not be read; the default stands for them.
	Problems []string
	// Ignored are variables that are no setting of Felix.
	Ignored []string
}

// Resolve makes the settings of the environment ("FELIX_NAME=value"; the case of the name does
// not count) and of the FelixConfigurations for all nodes and for this one (nil: none).
func Resolve(environment []string, global, perHost *calico.FelixConfiguration) Result {
	hostname, _ := os.Hostname()
	result := Result{Settings: Settings{
		Hostname:        strings.ToLower(hostname),
		IptablesBackend: "auto", NFTablesMode: "Auto", HealthHost: "localhost", HealthPort: 9099,
		DefaultEndpointToHostAction: "DROP", LogSeverityScreen: "INFO", InterfacePrefix: "cali",
		TyphaNamespace:       "kube-system",
		RouteRefreshInterval: 90 * time.Second, IptablesRefreshInterval: 180 * time.Second,
		IPSetsRefreshInterval: 90 * time.Second,
	}}
	values := append(fromConfiguration(global, Global), fromConfiguration(perHost, PerHost)...)
	for _, variable := range environment {
		name, text, _ := strings.Cut(variable, "=")
		if len(name) < len("FELIX_") || !strings.EqualFold(name[:len("FELIX_")], "FELIX_") {
			continue
		}
		canonical, known := parameters[strings.ToLower(name[len("FELIX_"):])]
		if !known {
			result.Ignored = append(result.Ignored, name)
			continue
		}
		values = append(values, Value{canonical, text, Environment})
	}
	for _, value := range values {
		if err := result.Settings.set(value); err != nil {
			result.Problems = append(result.Problems, fmt.Sprintf("%s: %v (from %s)", value.Name, err, value.Source))
			continue
		}
		result.Values = append(result.Values, value)
	}
	return result
}

// Log writes down what was set, as Felix does when it reads its configuration.
func (result Result) Log(log *felixlog.Logger) {
	for _, name := range result.Ignored {
		log.Log(felixlog.Info, "config_params.go 761", "Ignoring unknown config param.", felixlog.Field{Key: "raw name", Value: name})
	}
	for _, value := range result.Values {
		log.Log(felixlog.Info, "config_params.go 862", fmt.Sprintf("Parsed value for %s: %s (from %s)", value.Name, value.Text, value.Source))
	}
	for _, problem := range result.Problems {
		log.Log(felixlog.Error, "config_params.go 843", "Failed to parse config parameter "+problem)
	}
}

func (settings *Settings) set(value Value) (err error) {
	text := value.Text
	switch value.Name {
	case "FelixHostname":
		settings.Hostname = strings.ToLower(text)
	case "IptablesBackend":
		settings.IptablesBackend, err = oneOf(strings.ToLower(text), "legacy", "nft", "auto")
	case "NFTablesMode":
		settings.NFTablesMode, err = oneOf(text, "Enabled", "Disabled", "Auto")
	case "HealthEnabled":
		settings.HealthEnabled, err = strconv.ParseBool(text)
	case "HealthHost":
		settings.HealthHost = text
	case "HealthPort":
		settings.HealthPort, err = strconv.Atoi(text)
	case "DefaultEndpointToHostAction":
		settings.DefaultEndpointToHostAction, err = oneOf(strings.ToUpper(text), "ACCEPT", "DROP", "RETURN")
	case "TyphaK8sNamespace":
		settings.TyphaNamespace = text
	case "TyphaK8sServiceName":
		settings.TyphaServiceName = text
	case "TyphaCAFile":
		settings.TyphaCAFile = text
	case "TyphaCertFile":
		settings.TyphaCertFile = text
	case "TyphaKeyFile":
		settings.TyphaKeyFile = text
	case "TyphaCN":
		settings.TyphaCN = text
	case "LogSeverityScreen":
		settings.LogSeverityScreen = text
	case "LogPrefix":
		settings.LogPrefix = text
	case "InterfacePrefix":
		settings.InterfacePrefix = text
	case "RouteRefreshInterval":
		settings.RouteRefreshInterval, err = seconds(text)
	case "IptablesRefreshInterval":
		settings.IptablesRefreshInterval, err = seconds(text)
	case "Ipv6Support":
		settings.IPv6Support, err = strconv.ParseBool(text)
	case "IpsetsRefreshInterval":
		settings.IPSetsRefreshInterval, err = seconds(text)
	case "IpInIpEnabled":
		settings.IPIPEnabled, err = optionalBool(text)
	case "VXLANEnabled":
		settings.VXLANEnabled, err = optionalBool(text)
	}
	return err
}

func oneOf(text string, allowed ...string) (string, error) {
	for _, one := range allowed {
		if text == one {
			return text, nil
		}
	}
	return "", fmt.Errorf("%q is none of %s", text, strings.Join(allowed, ", "))
}

func seconds(text string) (time.Duration, error) {
	number, err := strconv.ParseFloat(text, 64)
	return time.Duration(number * float64(time.Second)), err
}

func optionalBool(text string) (*bool, error) {
	value, err := strconv.ParseBool(text)
	return &value, err
}
