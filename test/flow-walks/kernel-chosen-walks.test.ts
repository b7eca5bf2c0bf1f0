import { describe, expect, test } from '@jest/globals';
import type { FactKey, FactValue } from '../../src/model/facts.ts';
import type { KernelWay, WayOf } from '../../src/model/kernel-way.ts';
import type { PacketWalk } from '../../src/model/flow-walk.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { walkLegs } from '../../src/flow-walks/legs.ts';
import type { WalkedNode } from '../../src/flow-walks/walked-node.ts';
import { waysOn } from '../../src/flow-walks/chosen-way.ts';
import { captured, changed, droppedBy, factOf, failing, leg, valueOf, withWalk, type Facts } from '../support/facts.ts';
import { policy, rerouted } from '../support/ways.ts';
import { legsBetweenNodes } from './walked.ts';

type Changes = { readonly [K in FactKey]?: FactValue<K> };
const facts = rerouted(await captured('healthy-legacy'));
const { destination } = valueOf(facts, 'flow');
const nodeAt = (of: Facts, place: 'target' | 'source'): WalkedNode => ({
  rulesets: valueOf(of, `rulesets@${place}`),
  routes: valueOf(of, `routes@${place}`),
  links: valueOf(of, `links@${place}`),
  ways: waysOn(valueOf(of, `rulesets@${place}`), valueOf(of, 'kernel-ways')),
});
const walked = (of: Facts) => walkLegs(valueOf(of, 'flow'), nodeAt(of, 'target'), nodeAt(of, 'source'));
const after = (changes: Changes) => walked(rerouted(facts, changes));
const hooks = (walk: PacketWalk | undefined) => [...new Set(walk?.result.trail.map(({ hook }) => hook))];
const legOf = (walks: readonly PacketWalk[], wanted: PacketWalk['leg']) => walks.find((one) => one.leg === wanted);
const answering = (of: WayOf, answer: KernelWay['answer']) =>
  changed(facts, {
    'kernel-ways': valueOf(facts, 'kernel-ways').map((way) => (way.of === of ? { ...way, answer } : way)),
  });
const refusal = { kind: 'refused', error: 'no-route-to-host', words: 'No route to host' } as const;

/** By which interface the kernel is asked about the reply, and by which its walk begins, where the pod's has this name. */
const throughInterface = (name: string, kind: string) => {
  const links = valueOf(facts, 'links@target').map((link) =>
    link.name === destination.interface ? { ...link, name, kind, hostRoutes: [destination.address] } : link,
  );
  const routes = valueOf(facts, 'routes@target').map((route) =>
    route.device === destination.interface ? { ...route, device: name } : route,
  );
  const now = rerouted(facts, { 'links@target': links, 'routes@target': routes });
  const asked = valueOf(now, 'kernel-ways').find(({ of }) => of === 'reply-target-egress');
  const reply = legOf(walked(now), 'reply-target-egress');
  return [asked?.inInterface ?? null, reply?.result.packet.inInterface ?? null];
};

/** Does a strict reverse path check pass where the main table leads back by another interface? */
function strictlyChecked(of: Facts) {
  const strict = parseIptablesSave(
    '*raw\n:PREROUTING ACCEPT [0:0]\n-A PREROUTING -m rpfilter --invert -j DROP\nCOMMIT\n',
    { backend: 'iptables-legacy' },
  );
  const rulesets = valueOf(of, 'rulesets@target');
  const routes = valueOf(of, 'routes@target').map((one) => (one.device === 'tunl0' ? { ...one, device: 'eth0' } : one));
  return legOf(
    walked(
      changed(of, {
        'rulesets@target': { ...rulesets, ruleSets: [...rulesets.ruleSets, strict] },
        'routes@target': routes,
      }),
    ),
    'target-ingress',
  )?.result.decision;
}

describe('a walk follows the kernel, not the main table', () => {
  test('healthy: as the table says, and without a doubt', () => {
    expect(walked(facts).map(({ leg: name, result, wayDoubt }) => [name, result.decision, wayDoubt])).toEqual(
      legsBetweenNodes.map((name) => [name, 'accept', null]),
    );
  });
  test("a way to another interface than the pod's ends there, and no reply of the pod is walked", () => {
    const walks = after({ 'routing@target': policy(['9:	from all lookup 52'], { 52: [{ device: 'vpn0' }] }) });
    expect(legOf(walks, 'target-ingress')?.result.packet.outInterface).toBe('vpn0');
    expect(walks.map(({ leg: name }) => name).filter((name) => name.startsWith('reply'))).toEqual([]);
  });
  test("the node's own address: the packet meets INPUT", () => {
    const links = valueOf(facts, 'links@target').map((link) =>
      link.name === 'tunl0'
        ? { ...link, addresses: [...link.addresses, { address: destination.address, prefixLength: 32 }] }
        : link,
    );
    const walks = after({ 'links@target': links });
    expect(hooks(legOf(walks, 'target-ingress'))).toEqual(['PREROUTING', 'INPUT']);
    expect(legOf(walks, 'reply-target-egress')).toBeUndefined();
  });
  test('a refusal of the kernel ends the way before FORWARD', () => {
    const walks = walked(answering('target-ingress', refusal));
    const ingress = legOf(walks, 'target-ingress');
    expect([hooks(ingress), ingress?.wayDoubt]).toEqual([
      ['PREROUTING'],
      `the kernel refuses the way to ${destination.address} on n1: No route to host`,
    ]);
    expect(legOf(walks, 'reply-target-egress')).toBeUndefined();
  });
  test("a refusal on the source's node leaves the other node's part to be judged", () => {
    const walks = walked(answering('source-egress', refusal));
    expect(walks.map(({ leg: name }) => name)).toEqual(['source-egress', 'target-outer', 'target-ingress']);
  });
  test("another CNI's interface of the pod is where it arrives; what its /32 leads to is not always one", () => {
    expect(throughInterface('eni1a2b3c', 'veth')).toEqual(['eni1a2b3c', 'eni1a2b3c']);
    expect(throughInterface('vpn0', 'tun')[0]).toBeNull();
  });
  test('within one node', () => {
    const flow = valueOf(facts, 'flow');
    const source = { ...flow.source, node: 'n1', address: '10.244.1.77', interface: 'eth0' };
    const walks = after({
      flow: { ...flow, source },
      'routing@target': policy([`9:	from all to ${destination.address} lookup 52`], { 52: [{ device: 'vpn0' }] }),
    });
    expect(walks.map(({ leg: name, result }) => [name, result.packet.outInterface])).toEqual([['same-node', 'vpn0']]);
  });
  test("the tunnel's packet has the addresses that the kernel gives it", () => {
    const egress = valueOf(facts, 'kernel-ways').find(({ of }) => of === 'source-egress')?.answer;
    if (egress?.kind !== 'route') throw new Error('no way');
    const [gateway, preferredSource] = ['10.250.0.11', '10.250.9.12'];
    const answers: Partial<Record<WayOf, KernelWay['answer']>> = {
      'source-egress': { ...egress, gateway },
      'source-outer': { ...egress, device: 'eth0', gateway: null, preferredSource },
    };
    const ways = valueOf(facts, 'kernel-ways').map((way) => ({ ...way, answer: answers[way.of] ?? way.answer }));
    const outer = legOf(walked(changed(facts, { 'kernel-ways': ways })), 'source-outer')?.packet;
    expect([outer?.source, outer?.destination]).toEqual([preferredSource, gateway]);
    const silent = legOf(walked(changed(facts, { 'kernel-ways': [] })), 'source-outer')?.packet;
    expect([silent?.source, silent?.destination]).toEqual(['10.250.0.12', gateway]);
  });
  test('the main table decides if the kernel could not be asked, with a doubt', () => {
    const gone = { kind: 'unavailable', code: 'timeout', reason: 'no answer' } as const;
    const ingress = legOf(walked(answering('target-ingress', gone)), 'target-ingress');
    expect([hooks(ingress).at(-1), ingress?.wayDoubt]).toEqual([
      'POSTROUTING',
      `the kernel could not be asked for the way to ${destination.address} on n1: no answer`,
    ]);
    const unasked = legOf(walked(changed(facts, { 'kernel-ways': [] })), 'target-ingress');
    expect(unasked?.wayDoubt).toBe(`the kernel was not asked for the way to ${destination.address} on n1`);
  });
  test.each<[WayOf, readonly PacketWalk['leg'][]]>([
    ['source-egress', ['target-ingress']],
    ['reply-target-egress', ['reply-source-ingress']],
    ['target-ingress', ['reply-target-egress']],
  ])('the table says by which interface it enters the other node where %s is not known', (of, legs) => {
    const gone = { kind: 'unavailable', code: 'timeout', reason: 'no answer' } as const;
    const entered = walked(answering(of, gone)).filter(({ entryDoubt }) => entryDoubt !== undefined);
    expect(entered.map(({ leg: name }) => name)).toEqual(expect.arrayContaining([...legs]));
    expect(entered.filter(({ leg: name }) => legs.includes(name)).length).toBe(entered.length);
    expect(entered.filter(({ entryDoubt }) => !entryDoubt?.startsWith('the kernel could not be asked'))).toEqual([]);
  });
  test('the reverse path is not blamed if the kernel did not name it', () => {
    expect(strictlyChecked(facts)).toBe('accept');
    expect(
      strictlyChecked(answering('reply-target-egress', { kind: 'unavailable', code: 'timeout', reason: 'no answer' })),
    ).toBe('unknown');
  });
});

const doubtful = (of: Facts, wayDoubt: string | null, hook = 'FORWARD') => {
  const walk = droppedBy(leg(of, 'target-ingress'), { kind: 'foreign', name: 'FORWARD' });
  return withWalk(failing(of), { ...walk, wayDoubt, hook });
};
const denied = async (of: Facts) => {
  const fact = await factOf(of, 'denials');
  if (fact.status === 'unavailable') throw new Error(fact.reason);
  return [fact.value.denied.length, fact.value.open.map(({ why }) => why)];
};

describe('a drop on a way that is not certain', () => {
  test('is not a denial, and rules nothing out', async () => {
    expect(await denied(doubtful(facts, null))).toEqual([1, []]);
    expect(await denied(doubtful(facts, 'nobody asked'))).toEqual([0, ['nobody asked']]);
  });
  test('is not one if the packet may enter by another interface, even before the kernel chooses a route', async () => {
    const walk = {
      ...droppedBy(leg(facts, 'target-ingress'), { kind: 'foreign', name: 'PREROUTING' }),
      hook: 'PREROUTING',
    };
    const entering = withWalk(failing(facts), { ...walk, entryDoubt: 'nobody asked' });
    expect(await denied(entering)).toEqual([0, ['nobody asked']]);
  });
  test('is one before the kernel chooses a route', async () => {
    expect(await denied(doubtful(facts, 'nobody asked', 'PREROUTING'))).toEqual([1, ['nobody asked']]);
  });
});
