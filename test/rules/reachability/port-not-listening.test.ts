import { beforeAll, describe, expect, test } from '@jest/globals';
import { findingsOf } from '../../../src/jobs/evaluate.ts';
import { toFinding } from '../../../src/jobs/finding.ts';
import type { Flow, ReachAttempt } from '../../../src/model/facts.ts';
import type { ListeningSocket } from '../../../src/model/network.ts';
import { runningPod } from '../../../src/model/resource.ts';
import type { FlowPort } from '../../../src/model/target.ts';
import { portNotListening as rule } from '../../../src/rules/reachability/port-not-listening.ts';
import { blind, captured, changed, droppedBy, evaluated, judged, leg, undecided, valueOf, withWalk, type Facts } from '../../support/facts.ts';

const tcp = (number: number): FlowPort => ({ protocol: 'tcp', number });
const socket = (port: number, change: Partial<ListeningSocket> = {}): ListeningSocket => ({ address: '*', device: null, port, queued: 0, backlog: 511, ...change });
const attempt = (what: ReachAttempt['what'], port: number, answer: ReachAttempt['answer'], answered = answer === 'reply' ? 1 : 0): ReachAttempt => ({ from: 'somebody', to: 'default/mypod', what, port: tcp(port), sent: 1, answered, answer, detail: `tcp port ${port}` });

let healthy: Facts;
let address: string;
beforeAll(async () => {
  healthy = await captured('healthy-legacy');
  ({ address } = valueOf(healthy, 'flow').destination);
});
const having = (listeners: readonly ListeningSocket[], attempts: readonly ReachAttempt[], flow: Partial<Flow> = {}, of: Facts = healthy) =>
  changed(of, { flow: { ...valueOf(of, 'flow'), port: tcp(8080), ...flow }, listeners, reachability: { attempts } });
const root = (message: string) => [`${message} Pod default/mypod @n1 read stops`];
const latent = (message: string) => [`${message} Pod default/mypod @n1 read`];
const [flowRefused, flowLost] = [attempt('flow', 8080, 'refused'), attempt('flow', 8080, 'none')];
const [nodeRefused, nodeLost] = [attempt('own-node', 8080, 'refused'), attempt('own-node', 8080, 'none')];

describe('fails, and stops the flow: the pod itself was seen to refuse', () => {
  test('no listener; refused on an open way', async () => {
    expect(await judged(rule, having([], [flowRefused]))).toEqual(root('nothing'));
    expect(await judged(rule, having([socket(80), socket(18080)], [flowRefused]))).toEqual(root('nothing'));
  });
  test('no listener; the asked packets are lost, and the pod\'s own node is refused: both stop it', async () => {
    expect(await judged(rule, having([], [flowLost, nodeRefused]))).toEqual(root('nothing'));
  });
  test.each([['127.0.0.1', null], ['::1', null], ['10.244.9.9', null], ['::', null], ['0.0.0.0', 'lo'], ['::ffff:127.0.0.1', null]])('only at %s (interface %s)', async (at, device) => {
    expect(await judged(rule, having([socket(8080, { address: at, device })], [flowRefused, nodeRefused]))).toEqual(root('elsewhere'));
  });
  test('the accept queue is full, and not even the pod\'s own node is answered', async () => {
    expect(await judged(rule, having([socket(8080, { queued: 6, backlog: 5 })], [flowLost, nodeLost]))).toEqual(root('full'));
  });
  test('on the host network', async () => {
    const { destination } = valueOf(healthy, 'flow');
    expect(await judged(rule, having([], [flowRefused], { destination: { ...destination, interface: null } }))).toEqual(root('nothing'));
  });
});

describe('fails, but is not known to stop the flow', () => {
  test('the packets are lost on the way, and nothing says what the pod does', async () => {
    expect(await judged(rule, having([], [flowLost]))).toEqual(latent('nothing'));
    expect(await judged(rule, having([], [flowLost, nodeLost]))).toEqual(latent('nothing'));
  });
  test('a rule on the way rejects: its refusal is not the pod\'s', async () => {
    const walk = droppedBy(leg(healthy, 'target-ingress'), { kind: 'foreign', name: 'INPUT' });
    expect(await judged(rule, withWalk(having([], [flowRefused]), walk))).toEqual(latent('nothing'));
    expect(await judged(rule, withWalk(having([], [flowRefused, nodeRefused]), walk))).toEqual(root('nothing'));
  });
  test('whose refusal it was is not certain', async () => {
    expect(await judged(rule, withWalk(having([], [flowRefused]), undecided(leg(healthy, 'target-ingress'))))).toEqual(latent('nothing'));
    expect(await judged(rule, blind(having([], [flowRefused]), ['walks']))).toEqual(latent('nothing'));
  });
  test('a full queue of which only the asked packets tell', async () => {
    expect(await judged(rule, having([socket(8080, { queued: 6, backlog: 5 })], [flowLost]))).toEqual(latent('full'));
  });
});

const findingsIn = async (facts: Facts) => findingsOf(await evaluated(rule, facts));

describe('another declared port', () => {
  const works = attempt('flow', 8080, 'reply');
  const two = { get otherPorts() { return [tcp(9090), tcp(9100)].map((port) => ({ port, source: valueOf(healthy, 'flow').source })); } };
  test('is a fault of that port alone, which the judged one does not disprove', async () => {
    const [finding, ...rest] = await findingsIn(having([socket(8080), socket(9100)], [works, attempt('other-port', 9090, 'refused'), attempt('own-node', 9090, 'refused'), attempt('other-port', 9100, 'reply')], two));
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({ message: 'nothing', subject: { kind: 'Pod', name: 'default/mypod' }, stopsFlow: true, onOtherPort: true, lacks: [runningPod('default/mypod')] });
    if (!finding) throw new Error('no finding');
    expect(toFinding({ rule, finding }).title).toBe('Nothing in pod default/mypod listens on 9090/tcp');
  });
  test('a refusal alone is not enough: nobody walked its way', async () => {
    expect(await judged(rule, having([socket(8080), socket(9100)], [works, attempt('other-port', 9090, 'refused'), attempt('other-port', 9100, 'reply')], two))).toEqual(latent('nothing'));
  });
  test('several of a kind are told together, and with the judged one among them it is about the asked flow', async () => {
    const [finding, ...rest] = await findingsIn(having([], [flowRefused, nodeRefused, attempt('other-port', 9090, 'refused'), attempt('other-port', 9100, 'refused')], two));
    expect([finding?.data['ports'], finding?.onOtherPort, rest.length]).toEqual(['8080/tcp, 9090/tcp, 9100/tcp', false, 0]);
  });
});

describe('passes', () => {
  test.each([['*'], ['0.0.0.0'], ['its own address']])('it listens at %s', async (at) => {
    expect(await judged(rule, having([socket(8080, { address: at === 'its own address' ? address : at })], [flowLost, nodeLost]))).toBe('pass');
    expect(await judged(rule, having([socket(8080, { address: at === 'its own address' ? `::ffff:${address}` : at })], [flowRefused, nodeRefused]))).toBe('pass');
  });
  test('`::`, as old versions print what takes IPv4 too, while nothing is refused', async () => {
    expect(await judged(rule, having([socket(8080, { address: '::' })], [flowLost, nodeLost]))).toBe('pass');
  });
  test('an answer is an answer, whatever is listed: a mesh redirects inside the pod', async () => {
    expect(await judged(rule, having([socket(8080, { address: '127.0.0.1' })], [attempt('flow', 8080, 'reply')]))).toBe('pass');
    expect(await judged(rule, having([], [flowLost, attempt('own-node', 8080, 'reply')]))).toBe('pass');
    expect(await judged(rule, having([], [attempt('flow', 8080, 'none', 2)]))).toBe('pass');
  });
  test('a queue that is full to its limit and no further, or only one of two', async () => {
    expect(await judged(rule, having([socket(8080, { queued: 5, backlog: 5 })], [flowLost, nodeLost]))).toBe('pass');
    expect(await judged(rule, having([socket(8080, { queued: 6, backlog: 5 }), socket(8080, { address: '0.0.0.0' })], [flowLost, nodeLost]))).toBe('pass');
    expect(await judged(rule, having([socket(8080, { queued: 6, backlog: 5 })], [flowLost, attempt('own-node', 8080, 'reply')]))).toBe('pass');
  });
});

describe('inconclusive', () => {
  test('the sockets could not be read', async () => {
    expect(await judged(rule, blind(having([], [flowRefused]), ['listeners'], 'not-recorded'))).toBe('inconclusive');
  });
  test('nothing was sent: what listens on another address may be behind a redirect', async () => {
    expect(await judged(rule, blind(having([], []), ['reachability'], 'not-supported'))).toBe('inconclusive');
  });
});

test('does not apply: no TCP port, no sockets to look at, a pod to which nothing is sent', async () => {
  expect(await judged(rule, having([], [], { port: { protocol: 'icmp' } }))).toBe('not-applicable');
  expect(await judged(rule, having([], [], { port: { protocol: 'udp', number: 53 } }))).toBe('not-applicable');
  expect(await judged(rule, blind(having([], []), ['listeners'], 'not-applicable'))).toBe('not-applicable');
  expect(await judged(rule, blind(having([], []), ['reachability'], 'not-applicable'))).toBe('not-applicable');
});
