package daemon

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"calico-chatops/lab/internal/felix/active"
	"calico-chatops/lab/internal/felix/felixlog"
	"calico-chatops/lab/internal/felix/rules"
)

const (
	updatePlace = "int_dataplane.go 2635"

	profileMissing         = "One or more endpoints uses a profile that doesn't exist; generating default-drop profile. (This can happen transiently when a Kubernetes namespace is deleted.)"
	profileMissingAtResync = "End of resync: local endpoints refer to missing or invalid profile, profile's rules replaced with drop rules."
)

func (daemon *Daemon) logFirstUpdate() {
	daemon.log.Log(felixlog.Info, "int_dataplane.go 2585",
		fmt.Sprintf("Completed first update to dataplane. secsSinceStart=%g", time.Since(daemon.start).Seconds()))
}

// logResult writes down what changed since the last time, in Felix's words.
func (applier *applier) logResult(result active.Result) {
	applier.logMissing(result.MissingProfiles)
	profiles := make(map[string]string)
	for _, profile := range result.Rules.Profiles {
		profiles[profile.Name] = fmt.Sprintf("id:{name:%q} profile:{%s}", profile.Name,
			strings.TrimSpace(protoRules("inbound_rules", profile.Ingress)+protoRules("outbound_rules", profile.Egress)))
	}
	applier.logUpdates("ActiveProfile", applier.profiles, profiles)
	endpoints := make(map[string]string)
	for position, endpoint := range result.Endpoints {
		identity, text := protoEndpoint(endpoint, result.Rules.Endpoints[position])
		endpoints[identity] = identity + " endpoint:{" + text + "}"
	}
	applier.logUpdates("WorkloadEndpoint", applier.endpoints, endpoints)
	applier.profiles, applier.endpoints = profiles, endpoints
	if !slices.Equal(applier.complaints, result.Complaints) {
		for _, complaint := range result.Complaints {
			applier.daemon.log.Log(felixlog.Error, "int_dataplane.go 2640", "Cannot be programmed: "+complaint)
		}
		applier.complaints = result.Complaints
	}
}

func (applier *applier) logMissing(names []string) {
	missing := make(map[string]bool)
	for _, name := range names {
		missing[name] = true
		switch field := (felixlog.Field{Key: "profileID", Value: name}); {
		case applier.missing[name]:
		case applier.isDone:
			applier.daemon.log.Log(felixlog.Info, "active_rules_calculator.go 459", profileMissing, field)
		default:
			applier.daemon.log.Log(felixlog.Warning, "active_rules_calculator.go 339", profileMissingAtResync, field)
		}
	}
	applier.missing = missing
}

func (applier *applier) logUpdates(kind string, before, now map[string]string) {
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if before[name] != now[name] {
			applier.daemon.log.Log(felixlog.Info, updatePlace, fmt.Sprintf("Received *proto.%sUpdate update from calculation graph. msg=%s", kind, now[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if _, there := now[name]; !there {
			applier.daemon.log.Log(felixlog.Info, updatePlace, fmt.Sprintf("Received *proto.%sRemove update from calculation graph. msg=%s", kind, before[name]))
		}
	}
}

// protoRules has the actions only: the ids of rules are not worked out here.
func protoRules(field string, source []rules.PolicyRule) string {
	text := ""
	for _, rule := range source {
		text += fmt.Sprintf("%s:{action:%q} ", field, strings.ToLower(rule.Action))
	}
	return text
}

func protoEndpoint(endpoint active.Endpoint, active rules.Endpoint) (identity, text string) {
	spec := endpoint.Source.Spec
	identity = fmt.Sprintf("id:{orchestrator_id:%q workload_id:%q endpoint_id:%q}", spec.Orchestrator, endpoint.Source.Namespace+"/"+spec.Pod, spec.Endpoint)
	parts := []string{`state:"active"`, fmt.Sprintf("name:%q", endpoint.Interface)}
	for _, profile := range active.Profiles {
		parts = append(parts, fmt.Sprintf("profile_ids:%q", profile))
	}
	for _, address := range endpoint.Addresses {
		parts = append(parts, fmt.Sprintf("ipv4_nets:%q", address))
	}
	for position, ingress := range active.Ingress {
		egress := active.Egress[position]
		if len(ingress.Policies)+len(egress.Policies) > 0 {
			parts = append(parts, fmt.Sprintf("tiers:{name:%q%s%s}", ingress.Name,
				protoPolicies("ingress_policies", ingress.Policies), protoPolicies("egress_policies", egress.Policies)))
		}
	}
	return identity, strings.Join(parts, " ")
}

func protoPolicies(field string, policies []rules.PolicyRef) string {
	text := ""
	for _, policy := range policies {
		text += fmt.Sprintf(" %s:{name:%q", field, policy.ID.Name)
		if policy.ID.Namespace != "" {
			text += fmt.Sprintf(" namespace:%q", policy.ID.Namespace)
		}
		text += fmt.Sprintf(" kind:%q}", policy.ID.Kind)
	}
	return text
}
