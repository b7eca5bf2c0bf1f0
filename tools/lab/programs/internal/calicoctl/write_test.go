package calicoctl

import (
	"regexp"
	"strings"
	"testing"

	"calico-chatops/lab/internal/etcdtest"
)

const pool = "apiVersion: projectcalico.org/v3\nkind: IPPool\nmetadata: {name: p}\nspec: {cidr: 10.244.0.0/16, ipipMode: Always, natOutgoing: true}\n"

const policy = `{"apiVersion":"projectcalico.org/v3","kind":"NetworkPolicy","metadata":{"name":"allow-web","namespace":"shop"},
"spec":{"selector":"app == 'web'","ingress":[{"action":"Allow","protocol":"tcp","destination":{"ports":["80","8000:8100","http"]}}]}}`

const endpoint = `{"apiVersion":"projectcalico.org/v3","kind":"WorkloadEndpoint","metadata":{"name":"n1-k8s-web-eth0","namespace":"shop"},
"spec":{"node":"n1","orchestrator":"k8s","pod":"web","endpoint":"eth0","interfaceName":"cali1","ports":[{"name":"http","protocol":"TCP","port":8080}]}}`

// Each step builds on those before it. Wanted are the exact output and exit code, or, when it
// begins with "~", what must occur in them.
func TestWrites(t *testing.T) {
	useEnvironment(t, etcdtest.Start(t))
	version := ""
	for _, step := range []struct{ command, input, want string }{
		{"apply -f -", pool, "Successfully applied 1 'IPPool' resource(s)\nexit 0\n"},
		{"get ippool p -o yaml", "", "~allowedUses:\n  - Workload\n  - Tunnel\n  assignmentMode: Automatic\n  blockSize: 26\n  cidr: 10.244.0.0/16\n  ipipMode: Always\n  natOutgoing: true\n  nodeSelector: all()\n  vxlanMode: Never\nexit 0\n"},
		{"get tier", "", "NAME            ORDER   \nkube-admin      1000    \ndefault         1e+06   \nkube-baseline   1e+07   \n\nexit 0\n"},
		{"get tier kube-admin -o yaml", "", "~defaultAction: Pass\n  order: 1000\nstatus: {}\n"},
		{"apply -f -", "apiVersion: projectcalico.org/v3\nkind: Tier\nmetadata: {name: late}\n", "Successfully applied 1 'Tier' resource(s)\nexit 0\n"},
		{"get tier late -o yaml", "", "~spec:\n  defaultAction: Deny\n  order: 1000000\nstatus: {}\n"},
		{"get tier", "", "NAME            ORDER   \nkube-admin      1000    \ndefault         1e+06   \nlate            1e+06   \nkube-baseline   1e+07   \n\nexit 0\n"},
		{"get clusterinfo default -ojson", "", "~\"datastoreReady\": true"},
		{"apply -f -", policy + "\n---\n" + pool, "Successfully applied 2 resource(s)\nexit 0\n"},
		{"get networkpolicy -n shop", "", "NAMESPACE   NAME        TIER      \nshop        allow-web   default   \n\nexit 0\n"},
		{"get networkpolicy", "", "NAME   TIER   \n\nexit 0\n"},
		{"get np allow-web -n shop -o json", "", "~\"types\": [\n      \"Ingress\"\n    ]"},
		{"apply -f -", endpoint, "Successfully applied 1 'WorkloadEndpoint' resource(s)\nexit 0\n"},
		{"get wep n1-k8s-web-eth0 -n shop -o yaml", "", "~ports:\n  - hostIP: \"\"\n    hostPort: 0\n    name: http\n    port: 8080\n    protocol: TCP\n"},
		{"get wep n1-k8s-web-eth0 -n shop -o json", "", "~\"hostPort\": 0,\n        \"hostIP\": \"\"\n      }\n    ]\n  }\n}exit 0\n"},
		{"get np allow-web -n shop -o yaml", "", "~ports:\n      - 80\n      - 8000:8100\n      - http\n    protocol: TCP\n"},
		{"get np allow-web -A", "", "cannot use --all-namespace flag for getting a single resource\nexit 1\n"},
		{"get ippool -n shop", "", "IPPool is not namespaced\nexit 1\n"},
		{"get ippool p q -o yaml", "", "~resource does not exist: IPPool(q) with error: <nil>\nexit 1\n"},
		{"patch ippool p --patch={\"spec\":{\"natOutgoing\":null,\"blockSize\":24}}", "", "Successfully patched 1 'IPPool' resource\nexit 0\n"},
		{"get ippool p -o wide", "", "~p      10.244.0.0/16   false   Always"},
		{"apply -f -", "apiVersion: projectcalico.org/v3\nkind: ClusterInformation\nmetadata: {name: default}\n", "failed to apply 'ClusterInformation' resource: [operation apply is not supported on ClusterInformation: resource is readonly]\nexit 1\n"},
		{"apply -f -", strings.Replace(pool, "cidr: ", "cidrs: ", 1), "~unknown field"},
		{"apply -f -", strings.Replace(policy, "allow-web", "knp.default.x", 1), "~kubernetes network policies must be managed through the kubernetes API]\nexit 1\n"},
		{"apply -f -", strings.Replace(policy, `"spec":{`, `"spec":{"tier":"none",`, 1), "~name must begin with 'none.'"},
		{"replace -f -", emptyProfile, "failed to replace 'Profile' resource: [resource does not exist: Profile(kns.default) with error: <nil>]\nexit 1\n"},
		{"create -f - --skip-exists", pool, "Successfully created 1 'IPPool' resource(s)\nexit 0\n"},
		{"delete ippool q", "", "failed to delete 'IPPool' resource: resource does not exist: IPPool(q) with error: <nil>\nexit 1\n"},
		{"delete ippool q --skip-not-exists", "", "Successfully deleted 1 'IPPool' resource(s)\nexit 0\n"},
		{"delete -f -", strings.Replace(pool, "name: p", "name: p, resourceVersion: \"1\"", 1), "failed to delete 'IPPool' resource: update conflict: IPPool(p)\nexit 1\n"},
		{"replace -f -", strings.Replace(pool, "name: p", "name: p, resourceVersion: \"1\"", 1), "failed to replace 'IPPool' resource: [update conflict: IPPool(p)]\nexit 1\n"},
		{"replace -f -", "VERSIONED", "Successfully replaced 1 'IPPool' resource(s)\nexit 0\n"},
		{"datastore migrate lock", "", "Datastore locked.\nexit 0\n"},
		{"get clusterinfo default -o yaml", "", "~datastoreReady: false"},
		{"datastore migrate unlock", "", "Datastore unlocked.\nexit 0\n"},
		{"delete profile projectcalico-default-allow", "", "~is a default provided by Calico\nexit 1\n"},
		{"delete ippool p", "", "Successfully deleted 1 'IPPool' resource(s)\nexit 0\n"},
		{"get ippool", "", "NAME   CIDR   SELECTOR   \n\nexit 0\n"},
		{"ipam show --ip=x", "", "Error executing command: invalid IP address specified: x\nexit 1\n"},
		{"get profile -o xml", "", "unrecognized output format 'xml'\nexit 1\n"},
		{"convert -f -", "", "calicoctl convert: not yet\nexit 1\n"},
	} {
		input := strings.Replace(step.input, "VERSIONED", strings.Replace(pool, "name: p", "name: p, resourceVersion: \""+version+"\"", 1), 1)
		got := output(t, step.command, input)
		if wanted, part := strings.CutPrefix(step.want, "~"); part && !strings.Contains(got, wanted) || !part && got != step.want {
			t.Errorf("calicoctl %s\n--- printed\n%s--- wanted\n%s", step.command, got, step.want)
		}
		if found := regexp.MustCompile(`resourceVersion: "(\d+)"`).FindStringSubmatch(output(t, "get ippool p -o yaml", "")); found != nil {
			version = found[1]
		}
	}
}

func TestRefusesAnotherVersionsCluster(t *testing.T) {
	server := etcdtest.Start(t)
	useEnvironment(t, server)
	server.Put(t, "/calico/resources/v3/projectcalico.org/clusterinformations/default", `{"kind":"ClusterInformation","apiVersion":"projectcalico.org/v3","metadata":{"name":"default"},"spec":{"calicoVersion":"v3.30.1-3","clusterGUID":"x","datastoreReady":true}}`)
	Version = "v3.31.0"
	defer func() { Version = "" }()
	want := "failed to get resources: version mismatch.\nClient Version:   v3.31.0\nCluster Version:  3.30.1\nUse --allow-version-mismatch to override\nexit 1\n"
	if got := output(t, "get profile", ""); got != want {
		t.Errorf("printed %q, want %q", got, want)
	}
	if got := output(t, "get profile --allow-version-mismatch", ""); !strings.HasSuffix(got, "exit 0\n") {
		t.Error(got)
	}
}

func TestShowsWhoHasAnAddress(t *testing.T) {
	server := etcdtest.Start(t)
	useEnvironment(t, server)
	server.Put(t, "/calico/ipam/v2/assignment/ipv4/block/10.244.1.0-26", `{"cidr":"10.244.1.0/26","affinity":"host:a","allocations":[null,0,1],"unallocated":[0],"attributes":[{"handle_id":"k8s-pod-network.1","secondary":{"pod":"web","namespace":"default"}},{"handle_id":null,"secondary":null}]}`)
	for address, want := range map[string]string{
		"10.244.1.0": "10.244.1.0 is not assigned\nexit 0\n",
		"10.244.1.1": "IP 10.244.1.1 is in use\nHandle ID: k8s-pod-network.1\nActive Owner Attributes:\n  namespace: default\n  pod: web\nexit 0\n",
		"10.244.1.2": "IP 10.244.1.2 is in use\nHandle ID: <none>\nNo Active Owner attributes defined\nexit 0\n",
		"10.244.1.9": "10.244.1.9 is not assigned\nexit 0\n",
	} {
		if got := output(t, "ipam show --ip="+address, ""); got != want {
			t.Errorf("%s: printed %q, want %q", address, got, want)
		}
	}
}
