/** A flow that was asked about, and its parts, where a test is about none of them. */
import type { Flow, FlowEnd } from '../../src/model/flow.ts';
import type { Link } from '../../src/model/network.ts';

/** A pod on node n1. */
export const podEnd = (change: Partial<FlowEnd> = {}): FlowEnd => ({
  kind: 'pod',
  namespace: 'default',
  name: 'p',
  address: '10.244.1.5',
  node: 'n1',
  nodeAddress: '10.0.0.1',
  interface: 'cali1',
  ...change,
});

/** A ping. */
export const flowBetween = (source: FlowEnd, destination: FlowEnd): Flow => ({
  source,
  destination,
  sameNodeSource: null,
  port: { protocol: 'icmp' },
  otherPorts: [],
  untriedPorts: [],
  asked: true,
  refusedByDesign: [],
});

/** The interface of `podEnd()` on its node. */
export const podInterface: Link = {
  name: 'cali1',
  index: 5,
  flags: ['UP'],
  mtu: 1480,
  operState: 'UP',
  addresses: [],
  kind: 'veth',
  peerNamespace: 'cni-1',
  peerIndex: 2,
};
