import { describe, expect, test } from '@jest/globals';
import { unavailable } from '../../../src/model/evidence.ts';
import type { FlowEnd } from '../../../src/model/flow.ts';
import type { KubernetesNode } from '../../../src/model/kubernetes.ts';
import type { ReachAttempt } from '../../../src/model/reachability.ts';
import { nodeAnswers } from '../../../src/probes/traffic/node-answers.ts';
import { flowBetween, podEnd } from '../../support/sample-flow.ts';
import { codeOf, probing } from '../scripted.ts';

const end = (at: number): FlowEnd =>
  podEnd({
    name: `p${at}`,
    address: `10.244.${at}.5`,
    node: `n${at}`,
    nodeAddress: `10.0.0.${at}`,
    interface: `cali${at}`,
  });
const six = (at: number) => ({ ...end(at), address: `fd00:10::${at}:5`, nodeAddress: `fd00:1::${at}` });
const flow = flowBetween(end(2), end(1));
const nodes = [1, 2, 3].map((at): KubernetesNode => ({
  metadata: { name: `n${at}` },
  status: { addresses: [{ type: 'InternalIP', address: `10.0.0.${at}` }] },
}));
const attempt: ReachAttempt = {
  from: 'n2',
  to: 'n1',
  what: 'node-to-node',
  port: { protocol: 'icmp' },
  sent: 1,
  answered: 0,
  answer: 'none',
  detail: '',
};
const gone = unavailable('timeout', 'n1: no answer');
const lost = { exit: 1, stdout: '1 packets transmitted, 0 received' };
const ages = (confirmed: number, state: string) =>
  `10.0.0.1 dev eth0 lladdr 02:00:00:00:00:01 ref 1 used 0/${confirmed}/30probes 4 ${state} \n`;
const silent = {
  ping: lost,
  'bash-tcp-connect': { exit: 124 },
  'ip-neighbour-ages': { stdout: '10.0.0.1 dev eth0  used 9/99/6probes 6 FAILED\n' },
};
const looked = (script: object, facts: Parameters<typeof probing>[1]['facts'] = {}) =>
  probing(nodeAnswers, {
    script: script as never,
    facts: {
      flow,
      nodes,
      'links@target': gone as never,
      'links@source': [],
      reachability: gone as never,
      ...facts,
    },
  }).fact('node-answers');

describe('a node that cannot be read', () => {
  test('nothing comes back, neither from it nor from a third node', async () => {
    expect(await looked(silent)).toMatchObject({
      value: [{ node: 'n1', from: 'n2', answers: [], control: null, itself: 'silent' }],
    });
  });
  test.each([
    [
      'a refusal is an answer',
      { 'bash-tcp-connect': { exit: 1, stderr: 'connect: Connection refused' } },
      ['TCP port 22', 'TCP port 10250'],
    ],
    ['so is an open port', { 'bash-tcp-connect': { exit: 0 } }, ['TCP port 22', 'TCP port 10250']],
    ['and ARP', { 'ip-neighbour-ages': { stdout: ages(1, 'REACHABLE') } }, ['ARP']],
    ['but no old entry', { 'ip-neighbour-ages': { stdout: ages(1, 'STALE') } }, []],
    ['nor one of before', { 'ip-neighbour-ages': { stdout: ages(20, 'REACHABLE') } }, []],
    ['nor a broken try', { 'bash-tcp-connect': { exit: 127, stderr: 'bash: not found' } }, []],
  ])('%s', async (_, said, answers) => {
    expect(await looked({ ...silent, ...said })).toMatchObject({ value: [{ answers, itself: 'silent' }] });
  });
  test('of IPv6 it is asked for as a neighbour', async () => {
    const own = nodes.map(({ metadata }, at) => ({
      metadata,
      status: { addresses: [{ type: 'InternalIP', address: `fd00:1::${at + 1}` }] },
    }));
    const { 'ip-neighbour-ages': _, ...tried } = silent;
    const said = { ...tried, 'ip-6-neighbour-ages': { stdout: ages(1, 'REACHABLE').replace('10.0.0.1', 'fd00:1::1') } };
    expect(await looked(said, { flow: flowBetween(six(2), six(1)), nodes: own })).toMatchObject({
      value: [{ address: 'fd00:1::1', answers: ['neighbour discovery'], control: null }],
    });
  });
  test('a node to which the bot has no way is asked too, and is not called silent', async () => {
    const noWay = { 'links@target': unavailable('ssh-unreachable', 'no way') };
    expect(await looked(silent, noWay as never)).toMatchObject({ value: [{ node: 'n1', itself: 'unreachable' }] });
  });
  test('a third node that answers shows that the one that asks is not cut off', async () => {
    const all = await looked({ ...silent, ping: { exit: 0 } });
    expect(all).toMatchObject({ value: [{ answers: ['an echo of ping'], control: 'n3' }] });
  });
});

test('both are asked about where their packets for each other are lost', async () => {
  const facts = { 'links@target': [], reachability: { attempts: [attempt] } };
  expect(await looked(silent, facts as never)).toMatchObject({
    value: [
      { node: 'n1', from: 'n2', itself: 'cut-off' },
      { node: 'n2', from: 'n1', itself: 'cut-off' },
    ],
  });
});

test.each([
  ['both can be read, and answer', { 'links@target': [], reachability: { attempts: [{ ...attempt, answered: 1 }] } }],
  ['neither can be read', { 'links@source': gone }],
  ['the flow is within one node', { flow: { ...flow, source: end(1) } }],
  ...(['ssh-refused', 'ssh-lost', 'ssh-host-key'] as const).map((code): [string, object] => [
    `the node answers the bot, and does not let it in (${code})`,
    { 'links@target': unavailable(code, 'no') },
  ]),
])('nothing is sent where %s', async (_, facts) => {
  expect(codeOf(await looked({}, facts as never))).toBe('not-applicable');
});
