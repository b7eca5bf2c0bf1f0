import { findingsOf } from '../../../src/engine/evaluate.ts';
import type { Flow } from '../../../src/model/flow.ts';
import type { ReachAttempt } from '../../../src/model/reachability.ts';
import type { ListeningSocket } from '../../../src/model/network.ts';
import { portNotListening as rule } from '../../../src/rules/reachability/port-not-listening.ts';
import { tcp, tried } from '../../support/attempts.ts';
import { captured, changed, evaluated, valueOf, type Facts } from '../../support/facts.ts';
import { rerouted } from '../../support/ways.ts';
export const socket = (port: number, change: Partial<ListeningSocket> = {}): ListeningSocket => ({
  address: '*',
  device: null,
  port,
  queued: 0,
  backlog: 511,
  ...change,
});
export const healthy = changed(await captured('healthy-legacy'), { 'pod-walks': { walks: [], unread: [] } });
export const { address } = valueOf(healthy, 'flow').destination;
export const having = (
  listeners: readonly ListeningSocket[],
  attempts: readonly ReachAttempt[],
  flow: Partial<Flow> = {},
  of: Facts = healthy,
) => changed(of, { flow: { ...valueOf(of, 'flow'), port: tcp(8080), ...flow }, listeners, reachability: { attempts } });
export const root = (message: string) => [`${message} Pod default/mypod @n1 read stops`];
export const latent = (message: string) => [`${message} Pod default/mypod @n1 read`];
export const [flowRefused, flowLost] = [tried('flow', 8080, 'refused'), tried('flow', 8080, 'none')];
export const [nodeRefused, nodeLost] = [tried('own-node', 8080, 'refused'), tried('own-node', 8080, 'none')];
export const findingsIn = async (facts: Facts) => findingsOf(await evaluated(rule, facts));

export const datagrams = { protocol: 'udp', number: 5353 } as const;
export const works = tried('flow', 8080, 'reply');
export const two = {
  otherPorts: [tcp(9090), tcp(9100)].map((port) => ({ port, source: valueOf(healthy, 'flow').source })),
};

/** The flow goes to a host, which has no endpoint of Calico. */
export const toHost = (kind: 'node' | 'outside', ...attempts: readonly ReachAttempt[]) =>
  having([], attempts, {
    destination: {
      ...valueOf(healthy, 'flow').destination,
      kind,
      namespace: null,
      interface: null,
      name: kind === 'node' ? 'n1' : address,
    },
  });
/** The pod's own node has the address of the pod, too. */
export const heldByNode = (facts: Facts) =>
  rerouted(facts, {
    'links@target': valueOf(facts, 'links@target').map((link) =>
      link.name === 'tunl0' ? { ...link, addresses: [{ address, prefixLength: 32 }] } : link,
    ),
  });
