/** The probe of the test packets, gathered alone with the facts of a capture and scripted nodes. */
import { unavailable, type Fact } from '../../../src/model/evidence.ts';
import type { FactKey, FactValue } from '../../../src/model/facts.ts';
import type { KubernetesNode } from '../../../src/model/kubernetes.ts';
import { markedFlows } from '../../../src/probes/traffic/marked-flows.ts';
import type { Facts } from '../../support/facts.ts';
import { probing, type Script } from '../scripted.ts';

const nodes = ['n1', 'n2'].map((name, at): KubernetesNode => ({
  metadata: { name },
  status: { addresses: [{ type: 'InternalIP', address: `10.250.0.1${at + 1}` }] },
}));

const quiet = '0 packets captured\n0 packets received by filter\n0 packets dropped by kernel\n';
/** Everything is answered. */
export const answered: Script = {
  'bash-tcp-connect-in-pod': {},
  ping: { stdout: '1 packets transmitted, 1 received' },
  'ping-in-pod': { stdout: '1 packets transmitted, 1 received' },
  'bash-tcp-connect': {},
  'tcpdump-flow': { stderr: quiet },
  'tcpdump-bare': { stderr: quiet },
};
/** The asked connects are not. */
export const lost: Script = { ...answered, 'bash-tcp-connect-in-pod': { exit: 124 } };
const given = [
  'flow',
  'walks',
  'kernel-ways',
  ...(['rulesets', 'routes', 'links'] as const).flatMap((key) => [`${key}@target`, `${key}@source`] as const),
] as const satisfies readonly FactKey[];
export type Given = { readonly [K in FactKey]?: Fact<FactValue<K>> | FactValue<K> };

/** Gathers with the facts of a capture; `sent` has the ids of the commands, in their order. */
export function gathering(facts: Facts, script: Script, changes: Given = {}) {
  const sent: string[] = [];
  const logged = Object.fromEntries(
    Object.entries(script).map(([id, said]) => [
      id,
      (params: Readonly<Record<string, string>>) => {
        sent.push(id);
        return typeof said === 'function' ? said(params) : said;
      },
    ]),
  );
  const known = Object.fromEntries(given.map((key) => [key, facts[key]]));
  const gathered = probing(markedFlows, {
    script: logged,
    facts: {
      ...known,
      nodes,
      programs: unavailable('not-applicable', 'no node runs the eBPF dataplane'),
      'queues@target': [],
      'queues@source': [],
      'pod-network': unavailable('ssh-refused', 'nobody looked'),
      'source-pod-network': unavailable('ssh-refused', 'nobody looked'),
      ...changes,
    },
  });
  return { gathered, sent };
}
