/** Gathering from probes of the tests' own, in a cluster where nothing is read otherwise. */
import { observed } from '../../src/model/evidence.ts';
import type { Clock, ClusterReader, NodeShells } from '../../src/model/ports.ts';
import { defineClusterProbe, type Probe } from '../../src/model/probe.ts';
import { startGathering, type Gathering } from '../../src/engine/gather.ts';
import type { Namespace, Pod } from '../../src/model/kubernetes.ts';

export const clock: Clock = { now: () => new Date(0), sleep: async () => {} };
const refuse = () => {
  throw new Error('nothing may be asked here');
};
export const cluster: ClusterReader = { read: refuse, list: refuse, podLog: refuse, accessReview: refuse };
export const shells: NodeShells = { shell: refuse, usage: () => ({}), close: async () => {} };
export const target = { cluster: 'default', namespace: 'default', pod: 'p', from: null, port: null };
export const gathering = (...probes: Probe[]): Gathering =>
  startGathering({ probes, computed: [], cluster, shells, clock }, target, 'r-1', new AbortController().signal);

export const aPod: Pod = { metadata: { name: 'p' }, spec: { containers: [] } };
export const podProbe = (read: () => Promise<Pod>, runs: { count: number } = { count: 0 }) =>
  defineClusterProbe({
    id: 'pod',
    description: '',
    kind: 'passive',
    place: 'cluster',
    essential: true,
    commands: [],
    needs: [],
    provides: ['pod'],
    async read() {
      runs.count += 1;
      return { pod: observed(await read()) };
    },
  });
export const namespaceProbe = defineClusterProbe({
  id: 'namespace',
  description: '',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [],
  needs: ['pod'],
  provides: ['namespace'],
  async read(_look, facts) {
    const value: Namespace = { metadata: { name: `of ${facts.get('pod').metadata.name}` } };
    return { namespace: observed(value) };
  },
});
