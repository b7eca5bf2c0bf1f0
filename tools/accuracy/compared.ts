/**
 * What two other programs say of the same kinds of faults, by what their projects publish: their documents, their own
 * tests and the code of what they check. Nobody ran them here. What nobody wrote there is "says nothing".
 */

interface ComparedKind {
  readonly title: string;
  /** Faults of the lab that are of the kind; none: the lab cannot make it. */
  readonly faults: readonly string[];
  readonly kubeskoop: string;
  readonly holmes: string;
}

const nothing = 'says nothing';

export const comparedKinds: readonly ComparedKind[] = [
  {
    title: 'nothing listens on the port',
    faults: ['port-closed'],
    kubeskoop: "reads the pod's sockets; its tests have it",
    holmes: nothing,
  },
  {
    title: "a pod's interface is down or missing",
    faults: ['pod-interface-down', 'pod-interface-missing'],
    kubeskoop: 'reads both ends; its tests with Calico have it',
    holmes: nothing,
  },
  {
    title: 'a route to a pod, or in a pod, is missing or wrong',
    faults: ['pod-route-missing', 'pod-route-wrong', 'pod-routes-lost'],
    kubeskoop: 'compares with the route that the pool asks for; its tests with Calico have it',
    holmes: nothing,
  },
  {
    title: "a pod's gateway does not answer",
    faults: ['gateway-silent'],
    kubeskoop: 'reads the neighbour of the route in the pod',
    holmes: nothing,
  },
  {
    title: 'the tunnel device is down',
    faults: ['tunnel-down'],
    kubeskoop: 'reads `tunl0`; of VXLAN with Calico it says nothing',
    holmes: nothing,
  },
  {
    title: 'forwarding is off',
    faults: ['forwarding-off'],
    kubeskoop: 'reads the switch of the node and those of the interfaces',
    holmes: nothing,
  },
  {
    title: 'a routing rule leads elsewhere',
    faults: ['routing-rule-diverts'],
    kubeskoop: 'warns of any routing table that is not usual',
    holmes: nothing,
  },
  {
    title: 'a policy denies',
    faults: ['policy-deny', 'egress-deny', 'namespace-isolated'],
    kubeskoop: 'evaluates the NetworkPolicies of Kubernetes; of those of Calico it says nothing',
    holmes: 'evaluations 42 and 84: the policy of Kubernetes that denies; 6 of 6 models name it',
  },
  {
    title: 'another rule of a packet filter drops',
    faults: [
      'foreign-drop',
      'pod-own-drop',
      'calico-hooks-missing',
      'iptables-backend-split',
      'endpoint-to-host-drop',
      'pod-addresses-blocked',
    ],
    kubeskoop: 'walks what `iptables-save` prints, and warns of the rule; its tests have one inside a pod',
    holmes: nothing,
  },
  {
    title: "a profile of Calico, or the controller's right to make it, is missing",
    faults: ['first-case', 'profile-missing', 'controller-forbidden'],
    kubeskoop: 'warns of the rule that drops, as above; of profiles and the controller it says nothing',
    holmes: 'says nothing of Calico; evaluation 81: an account that may not list pods; 6 of 6 models name it',
  },
  {
    title: 'a Service leads nowhere',
    faults: ['service-outdated'],
    kubeskoop: "reads the endpoints, and kube-proxy's IPVS and iptables rules; its tests have one without endpoints",
    holmes: 'evaluation 76: a selector that fits no pod; 4 of 6 models name it',
  },
  {
    title: 'an address is rewritten, or is not',
    faults: ['source-rewritten', 'destination-rewritten', 'nat-outgoing-off', 'conntrack-entry-stale'],
    kubeskoop: 'compares the source address with what the pool asks for; of connection tracking it says nothing',
    holmes: nothing,
  },
  {
    title: 'packets are lost between the nodes',
    faults: ['ipip-blocked', 'vxlan-blocked', 'vxlan-neighbour-lost', 'path-mtu-small', 'neighbour-wrong'],
    kubeskoop: "asks one cloud's API for its rules; captures are for people to read; neighbours of VXLAN with Flannel",
    holmes: nothing,
  },
  {
    title: "Felix, Typha, the controller, the CNI plugin or Calico's data is at fault",
    faults: [
      'felix-stopped',
      'typha-unavailable',
      'calico-node-forbidden',
      'controller-account-wrong',
      'controller-limited',
      'controller-stopped',
      'controller-unauthorized',
      'cni-unauthorized',
      'datastore-locked',
      'node-name-mismatch',
      'tunnel-hosts-outdated',
      'workload-endpoint-mismatch',
      'workload-endpoint-missing',
    ],
    kubeskoop: nothing,
    holmes: nothing,
  },
  {
    title: 'a name is not resolved',
    faults: [],
    kubeskoop: nothing,
    holmes: 'a runbook, and evaluations 42',
  },
];

/** The pages that were read. */
export const comparedSources: readonly string[] = [
  'KubeSkoop: `alibaba/kubeskoop`, commit 70355a7 of 2025-08-15: `README.md`, `pkg/skoop/plugin`, ' +
    '`pkg/skoop/assertions`, `pkg/skoop/network`, `test/skoop/e2e/testcase`. ' +
    'The repository has no figures. Its site was not read.',
  'HolmesGPT: `robusta-dev/holmesgpt`, commit c1ee1d4 of 2025-11-21: `docs/data-sources/builtin-toolsets`, ' +
    '`holmes/plugins/runbooks/networking`, `tests/llm/fixtures/test_ask_holmes`, and ' +
    '`docs/development/evaluations/latest-results.md` of 2025-10-12. Of its four evaluations of networks 75 to 100 % ' +
    'pass, by the model. Calico is not in its documents.',
];
