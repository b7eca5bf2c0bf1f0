/** A flow between two pods, and tries of it. */
import type { Flow, FlowEnd } from '../../src/model/flow.ts';
import type { ReachAttempt } from '../../src/model/reachability.ts';
import type { FlowPort } from '../../src/model/target.ts';

export const tcp = (number: number): FlowPort => ({ protocol: 'tcp', number });
export const end: FlowEnd = {
  kind: 'pod',
  namespace: 'default',
  name: 'client',
  address: '10.244.2.7',
  node: 'n2',
  nodeAddress: '10.0.0.2',
  interface: 'cali2',
};
export const flowWith = (change: Partial<Flow>): Flow => ({
  source: end,
  sameNodeSource: null,
  destination: { ...end, name: 'mypod' },
  port: tcp(8080),
  otherPorts: [],
  untriedPorts: [],
  asked: false,
  refusedByDesign: [],
  ...change,
});
export const tried = (
  what: ReachAttempt['what'],
  port: number,
  answer: ReachAttempt['answer'],
  answered = answer === 'reply' ? 1 : 0,
): ReachAttempt => ({
  from: 'default/client',
  to: 'default/mypod',
  what,
  port: tcp(port),
  sent: 1,
  answered,
  answer,
  detail: `tcp port ${port}`,
});
