import { beforeAll, describe, expect, test } from '@jest/globals';
import { setImmediate } from 'node:timers/promises';
import { defineComputed } from '../../../src/model/computed.ts';
import { observed } from '../../../src/model/evidence.ts';
import type { Flow } from '../../../src/model/flow.ts';
import { LookError } from '../../../src/model/look-error.ts';
import type { Link } from '../../../src/model/network.ts';
import type { FlowPort } from '../../../src/model/target.ts';
import { podListeners } from '../../../src/probes/node/pod-listeners.ts';
import { captured, valueOf } from '../../support/facts.ts';
import { codeOf, probing, type Script } from '../scripted.ts';

let flow: Flow;
let links: readonly Link[];
beforeAll(async () => {
  const facts = await captured('healthy-legacy');
  flow = { ...valueOf(facts, 'flow'), port: { protocol: 'tcp', number: 8080 } };
  links = valueOf(facts, 'links@target');
});
const socket = 'LISTEN 0 511 *:8080 *:*\n';
const look = (script: Script, of: Partial<Flow> = {}, on: readonly Link[] = links) =>
  probing(podListeners, {
    script,
    facts: { flow: { ...flow, ...of }, 'links@target': on, reachability: { attempts: [] } },
  }).fact('listeners');

test("in the pod's network namespace, as its node names it", async () => {
  const fact = await look({ 'ss-listening-in-pod': { stdout: socket } });
  expect(fact).toMatchObject({
    status: 'observed',
    value: [{ address: '*', device: null, port: 8080, queued: 0, backlog: 511 }],
    evidence: [{ node: 'n1', excerpt: socket.trim() }],
  });
});
test('after the tries: a program that hangs takes none of them', async () => {
  const order: string[] = [];
  const reachability = defineComputed({
    id: 'reachability' as never,
    description: '',
    essential: false,
    needs: ['flow'],
    async compute() {
      await setImmediate();
      order.push('tries');
      return observed({ attempts: [] }) as never;
    },
  });
  const script: Script = {
    'ss-listening-in-pod': () => {
      order.push('sockets');
      return { stdout: socket };
    },
  };
  const facts = { flow, 'links@target': links };
  await probing(podListeners, { script, facts, computed: [reachability] }).fact('listeners');
  expect(order).toEqual(['tries', 'sockets']);
});
test('on the node itself for a hostNetwork pod', async () => {
  expect(
    codeOf(
      await look({ 'ss-listening': { stdout: socket } }, { destination: { ...flow.destination, interface: null } }),
    ),
  ).toBe('observed');
});
test('nothing printed: nothing listens', async () => {
  expect(await look({ 'ss-listening-in-pod': { stdout: '' } })).toMatchObject({ status: 'observed', value: [] });
});

describe('does not apply, and nothing is run', () => {
  test.each<FlowPort>([{ protocol: 'icmp' }, { protocol: 'udp', number: 53 }])('%j', async (port) => {
    expect(codeOf(await look({}, { port }))).toBe('not-applicable');
  });
  test("the pod's interface is gone", async () => {
    expect(
      codeOf(
        await look(
          {},
          {},
          links.filter(({ name }) => name !== flow.destination.interface),
        ),
      ),
    ).toBe('not-applicable');
  });
});

describe('what could not be looked at is no closed port', () => {
  test.each<[string, Script, string]>([
    [
      'no ss on the node',
      { 'ss-listening-in-pod': { exit: 127, stderr: 'exec of "ss" failed: No such file or directory' } },
      'tool-missing',
    ],
    [
      'the namespace is gone',
      {
        'ss-listening-in-pod': { exit: 1, stderr: 'Cannot open network namespace "cni-1": No such file or directory' },
      },
      'command-failed',
    ],
    ['cut', { 'ss-listening-in-pod': { stdout: socket, truncated: true } }, 'output-too-large'],
    ['the node ended it', { 'ss-listening-in-pod': { exit: null, timedOut: true } }, 'timeout'],
    ['not what it prints', { 'ss-listening-in-pod': { stdout: 'State Recv-Q Send-Q\n' } }, 'not-parsed'],
    ['the connection was lost', { 'ss-listening-in-pod': new LookError('ssh-lost', 'gone') }, 'ssh-lost'],
  ])('%s', async (_, script, code) => {
    expect(codeOf(await look(script))).toBe(code);
  });
  test('the node does not name the namespace', async () => {
    expect(
      codeOf(
        await look(
          {},
          {},
          links.map((link) => ({ ...link, peerNamespace: null })),
        ),
      ),
    ).toBe('not-supported');
  });
});
