import { defineFault } from '../fault.ts';
import { flow } from '../flows.ts';
import { profilesOf, type Topology } from '../../topology.ts';
import { ruleGone, ruleThere, type Step } from '../steps.ts';

const path = '/api/v1/namespaces/default';
const annotation = 'net.beta.kubernetes.io/network-policy';

const annotate = (value: string | null): Step => ({
  do: 'patch-object',
  path,
  patch: { metadata: { annotations: { [annotation]: value } } },
});

const awaitDenial = (topology: Topology, wanted: 'there' | 'gone'): Step[] =>
  profilesOf(topology, 'default').map((profile) => ({
    do: 'await',
    what: `Felix of node-a to ${wanted === 'there' ? 'deny' : 'allow'} what comes by ${profile}`,
    on: 'node-a',
    command: (wanted === 'there' ? ruleThere : ruleGone)(topology.dataplane, `-A cali-pri-${profile} .*-j DROP`),
    seconds: 30,
  }));

export const namespaceIsolated = defineFault({
  name: 'namespace-isolated',
  summary: 'the annotation of old with which namespace default denies what comes to its pods, and no policy allows',
  datastores: ['etcd'],
  eras: ['2'],
  expects: {
    verdict: 'fault',
    roots: ['pod-profile-denies'],
    answers: [flow('node-a', 'default/mypod'), flow('default/client', 'shop/api')],
    silent: [flow('default/client', 'default/mypod')],
  },
  break: (topology) => [annotate('{"ingress":{"isolation":"DefaultDeny"}}'), ...awaitDenial(topology, 'there')],
  heal: (topology) => [annotate(null), ...awaitDenial(topology, 'gone')],
});
