/** Networks that lose packets by their size in ways that nobody reported: what the rule makes of the pings. */
import { beforeAll, expect, test } from '@jest/globals';
import { pathSizes } from '../../../src/probes/traffic/path-sizes.ts';
import { pathMtuTooSmall } from '../../../src/rules/underlay/path-mtu-too-small.ts';
import { captured, changed, evaluated, valueOf, type Facts } from '../../support/facts.ts';
import { rerouted } from '../../support/ways.ts';
import { probing, type Script } from '../scripted.ts';
import { flowFacts, quiet } from './flow-facts.ts';

/** Bytes of the headers of IP and ICMP around a ping's payload. */
const headers = 28;
const lost = { exit: 1, stdout: '1 packets transmitted, 0 received, 100% packet loss' };
const tooBig = (most: number) => ({
  exit: 1,
  stdout: `From 192.0.2.1 icmp_seq=1 Frag needed and DF set (mtu = ${most})`,
});

/** What becomes of a ping of so many bytes. `pod`: it is from a pod, and not from a node. */
type Network = (bytes: number, to: string, isFromPod: boolean) => object;

let healthy: Facts;
let [pod, client] = ['', ''];
beforeAll(async () => {
  healthy = rerouted(await captured('healthy-legacy'));
  const { source, destination } = valueOf(healthy, 'flow');
  [pod, client] = [destination.address, source.address];
});

/** The same nodes with these MTUs: of the pods' interfaces, and of the tunnel's. */
function withMtu(ofPods: number, ofTunnel: number): Facts {
  const at = (key: 'links@target' | 'links@source') =>
    valueOf(healthy, key).map((link) => ({
      ...link,
      mtu: link.name.startsWith('cali') ? ofPods : link.name === 'tunl0' ? ofTunnel : link.mtu,
    }));
  return changed(healthy, { 'links@target': at('links@target'), 'links@source': at('links@source') });
}

async function said(network: Network, facts = healthy) {
  const ping =
    (isFromPod: boolean): Script[string] =>
    ({ size, address = '' }) =>
      network(Number(size) + headers, address, isFromPod);
  const attempt = {
    from: 'default/client',
    to: 'default/mypod',
    what: 'flow',
    port: { protocol: 'icmp' },
    sent: 3,
    answered: 3,
    answer: 'reply',
    detail: '',
  } as const;
  const fact = await probing(pathSizes, {
    script: { 'ping-whole': ping(false), 'ping-whole-in-pod': ping(true), 'tcpdump-flow': { stderr: quiet } },
    facts: flowFacts(facts, { reachability: { attempts: [attempt] } }),
  }).fact('path-sizes');
  if (fact.status !== 'observed') throw new Error(fact.reason);
  const { outcome } = await evaluated(pathMtuTooSmall, changed(facts, { 'path-sizes': fact.value }));
  return outcome.outcome === 'fail'
    ? outcome.findings.map(({ message, data }) => `${message}: ${data?.['passed']} of ${data?.['lostSize']}`)
    : outcome.outcome;
}

test.each<[string, Network, string | readonly string[], (() => Facts)?]>([
  [
    'the tunnel takes less than the pods send, and its nodes say so',
    (bytes) => (bytes > 1480 ? tooBig(1480) : {}),
    'pass',
  ],
  [
    'the same, and nobody hears it from a node, as a rule drops its ICMP',
    (bytes, _, isFromPod) => (isFromPod && bytes > 1480 ? lost : {}),
    ['ends: 1480 of 1481'],
  ],
  [
    'the same on the way back alone: pings of the client are answered, and those of the pod are not',
    (bytes, to, isFromPod) => (bytes <= 1480 ? {} : !isFromPod ? {} : to === client ? lost : tooBig(1480)),
    ['ends: 1480 of 1481'],
  ],
  [
    'the way back takes less, and its node says so',
    (bytes, to) => (bytes > 1400 && to !== pod ? tooBig(1400) : {}),
    'pass',
  ],
  [
    'a hop between the nodes takes less and says nothing',
    (bytes, to, isFromPod) => (bytes > 1380 && (isFromPod || to !== pod) ? lost : {}),
    ['unanswered: 1380 of 1381'],
  ],
  [
    'a hop says the size of what it got, which is of no use',
    (bytes, to, isFromPod) => (bytes > 1380 && (isFromPod || to !== pod) ? tooBig(bytes) : {}),
    ['unanswered: 1380 of 1381'],
  ],
  [
    'pods send jumbo frames over a network that takes none',
    (bytes, to, isFromPod) => (bytes > 1480 && (isFromPod || to !== pod) ? lost : {}),
    ['unanswered: 1480 of 1481'],
    () => withMtu(8980, 8980),
  ],
  ['pods send jumbo frames over a network that takes them', () => ({}), 'pass', () => withMtu(8980, 8980)],
  ['the least that IPv6 needs is all that the tunnel takes', (bytes) => (bytes > 1280 ? tooBig(1280) : {}), 'pass'],
])('%s', async (_, network, expected, facts = () => healthy) => {
  expect(await said(network, facts())).toEqual(expected);
});
