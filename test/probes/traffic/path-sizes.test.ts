import { beforeAll, describe, expect, test } from '@jest/globals';
import { unavailable } from '../../../src/model/evidence.ts';
import type { FactValue } from '../../../src/model/facts.ts';
import { isLimited, notShown } from '../../../src/model/path-sizes.ts';
import type { ReachAttempt } from '../../../src/model/reachability.ts';
import { outsideEnd } from '../../../src/flow-walks/ends.ts';
import { pathSizes } from '../../../src/probes/traffic/path-sizes.ts';
import { inIpv6 } from '../../cases/as-ipv6.ts';
import { captured, leg, valueOf, type Facts } from '../../support/facts.ts';
import { rerouted } from '../../support/ways.ts';
import { codeOf, probing, type Script } from '../scripted.ts';
import { flowFacts, nodes, quiet, type Given } from './flow-facts.ts';

let facts: Facts;
beforeAll(async () => {
  facts = rerouted(await captured('healthy-legacy'));
});

const none = { exit: 1, stdout: '1 packets transmitted, 0 received, 100% packet loss' };

const tries = (answer: ReachAttempt['answer']) => ({
  attempts: [
    {
      from: 'default/client',
      to: 'default/mypod',
      what: 'flow',
      port: { protocol: 'icmp' },
      sent: 3,
      answered: answer === 'reply' ? 3 : 0,
      answer,
      detail: '',
    },
  ] as const,
});

/** What is found where a ping of so many bytes, IP header included, comes to this. */
function sizesWhere(answer: (bytes: number) => object, changes: Given = {}, headers = 28) {
  const sent: number[] = [];
  const captures: string[] = [];
  const ping: Script[string] = ({ size }) => {
    sent.push(Number(size) + headers);
    return answer(Number(size) + headers);
  };
  const fact = probing(pathSizes, {
    script: {
      'ping-whole': ping,
      'ping-whole-in-pod': ping,
      [headers === 28 ? 'tcpdump-flow' : 'tcpdump-6-flow']: ({ interface: device }) => {
        captures.push(device ?? '');
        return { stderr: quiet };
      },
    },
    facts: flowFacts(facts, { reachability: tries('reply'), ...changes }),
  }).fact('path-sizes');
  return { fact, sent, captures };
}
/** Of the pods' interfaces, and of the tunnel between the nodes. */
const full = [1480, 1500];
const sizesOf = (sent: readonly number[]) => [...new Set(sent)].toSorted((a, b) => a - b);
const upTo = (most: number) => (bytes: number) => (bytes <= most ? {} : none);

describe('where full-sized packets are answered', () => {
  test('each way is tried once, and nothing is searched for', async () => {
    const { fact, sent, captures } = sizesWhere(upTo(9000));
    const read = await fact;
    expect(read).toMatchObject({ value: { needed: 1500, untried: [], seen: null } });
    const { ways } = (read as { readonly value: FactValue<'path-sizes'> }).value;
    expect([sent.length, sizesOf(sent), captures]).toEqual([ways.length, full, []]);
    expect(notShown((read as { readonly value: FactValue<'path-sizes'> }).value, true)).toEqual([]);
  });
});

describe('where large packets vanish', () => {
  test('the size is found, and both nodes are listened to', async () => {
    const { fact, captures } = sizesWhere(upTo(1380));
    const read = (await fact) as { readonly value: FactValue<'path-sizes'> };
    const limited = read.value.ways.filter(isLimited);
    expect(limited.length).toBeGreaterThan(0);
    expect(new Set(limited.map(({ passed, lost }) => `${passed} ${lost}`))).toEqual(new Set(['1380 1381']));
    expect(new Set(captures)).toEqual(new Set(['eth0']));
  });
  test('of IPv6 as well, whose header is larger', async () => {
    const six = Object.fromEntries(
      (['flow', 'kernel-ways', 'routes@target', 'routes@source', 'links@target', 'links@source'] as const).map(
        (key) => [key, inIpv6(facts[key], 'tunl0')],
      ),
    );
    const { fact, captures } = sizesWhere(upTo(1380), { ...six, nodes: inIpv6(nodes, 'tunl0') }, 48);
    const read = (await fact) as { readonly value: FactValue<'path-sizes'> };
    const limited = read.value.ways.filter(isLimited);
    expect(new Set(limited.map(({ passed, lost }) => `${passed} ${lost}`))).toEqual(new Set(['1380 1381']));
    expect(new Set(captures)).toEqual(new Set(['eth0']));
  });
  test('a ping that is lost by chance limits nothing', async () => {
    let nth = 0;
    const { fact } = sizesWhere(() => ((nth += 1) === 1 ? none : {}));
    const read = (await fact) as { readonly value: FactValue<'path-sizes'> };
    expect(read.value.ways.filter(isLimited)).toEqual([]);
  });
  test('nothing is searched for where small packets get no answer', async () => {
    const { fact, sent } = sizesWhere(upTo(1380), { reachability: tries('none') });
    expect(codeOf(await fact)).toBe('not-applicable');
    expect(sizesOf(sent)).toEqual(full);
  });
});

test('a hop that says what the most is, is asked again for that, and the way back is tried', async () => {
  const said = { exit: 1, stdout: 'From 192.0.2.1 icmp_seq=1 Frag needed and DF set (mtu = 1300)' };
  const { fact } = sizesWhere((bytes) => (bytes > 1300 ? said : {}));
  const read = (await fact) as { readonly value: FactValue<'path-sizes'> };
  expect(read.value.ways.map(({ told, passed }) => [told, passed])).toContainEqual([1300, 1300]);
  expect(read.value.ways.map(({ kind }) => kind)).toContain('back');
});

test('a ping that knows no option for it leaves each way untried, and says why', async () => {
  const { fact } = sizesWhere(() => ({ exit: 2, stderr: 'ping: unrecognized option: M\nusage: ping' }));
  const read = (await fact) as { readonly value: FactValue<'path-sizes'> };
  expect(read.value.ways).toEqual([]);
  expect(read.value.untried).toContainEqual(expect.stringContaining('no option -M'));
});

test('nothing is sent while counters of a rule that drops the packet are read', async () => {
  const walk = leg(facts, 'target-ingress');
  const walks = [{ ...walk, result: { ...walk.result, decision: 'drop' as const } }];
  const { fact, sent } = sizesWhere(upTo(9000), { walks, reachability: tries('none') });
  expect([codeOf(await fact), sent]).toEqual(['not-applicable', []]);
});

test.each([
  ['comes from outside', 'source'],
  ['leaves the cluster', 'destination'],
] as const)('no size is tried of a flow that %s', async (_, end) => {
  const flow = { ...valueOf(facts, 'flow'), [end]: outsideEnd('192.0.2.77') };
  const { fact, sent } = sizesWhere(upTo(9000), { flow });
  expect([codeOf(await fact), sent]).toEqual(['not-applicable', []]);
});

test.each(['routes@target', 'links@source'] as const)('without %s it is not known how large', async (key) => {
  const { fact } = sizesWhere(upTo(9000), { [key]: unavailable('ssh-refused', 'no key') });
  expect(codeOf(await fact)).toBe('needed-fact-missing');
});
