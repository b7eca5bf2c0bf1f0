import { beforeAll, expect, test } from '@jest/globals';
import type { Command, Transcript } from '../../../src/model/command.ts';
import type { Flow } from '../../../src/model/flow.ts';
import { LookError } from '../../../src/model/look-error.ts';
import type { Sighting } from '../../../src/model/sightings.ts';
import type { FollowQuestion } from '../../../src/probes/lib/bare-captures.ts';
import { followWay } from '../../../src/probes/lib/follow-way.ts';
import type { Sending } from '../../../src/probes/lib/marked-sending.ts';
import { captured, valueOf, type Facts } from '../../support/facts.ts';
import { sightingAt } from '../../support/sightings.ts';
import { running } from '../transcript.ts';

let facts: Facts;
beforeAll(async () => {
  facts = await captured('healthy-legacy');
});

const quiet = 'packets captured: none\n0 packets captured\n0 packets received by filter\n0 packets dropped by kernel\n';
const at = (point: Sighting['point'], change: Partial<Sighting>) =>
  sightingAt(point, '', { node: 'n1', interface: 'eth0', sent: 3, ...change });

/** Captures that run, by node. */
const open = new Map<string, number>();

/** What was captured and sent, in its order; what each capture prints is given by its interface. */
async function followed(
  seen: readonly Sighting[],
  flow: Partial<Flow> = {},
  says: Readonly<Record<string, Partial<Transcript> | LookError>> = {},
  proved: Promise<boolean> = Promise.resolve(false),
) {
  const log: string[] = [];
  const look = (node: string) => ({
    node,
    start(_: Command, params: Readonly<Record<string, string>>) {
      open.set(node, (open.get(node) ?? 0) + 1);
      log.push(`${node} listens on ${params['interface']}, ${open.get(node)} at once`);
      const said = says[params['interface'] ?? ''] ?? { stderr: quiet };
      return {
        ...running(node, said),
        stop: () => void open.set(node, (open.get(node) ?? 0) - 1),
      };
    },
  });
  const node = (place: 'target' | 'source') => ({
    rulesets: valueOf(facts, `rulesets@${place}`),
    routes: valueOf(facts, `routes@${place}`),
    links: valueOf(facts, `links@${place}`),
  });
  const sending: Partial<Sending> = {
    length: 60,
    controlLength: 983,
    oneMore() {
      log.push('sends');
      return Promise.resolve(1);
    },
    control(controls) {
      log.push(...controls.map(({ at: from, address }) => `control from ${from} to ${address}`));
      return Promise.resolve();
    },
  };
  const result = await followWay(
    {
      flow: { ...valueOf(facts, 'flow'), port: { protocol: 'tcp', number: 8080 }, ...flow },
      targetNode: look('n1'),
      sourceNode: look('n2'),
      target: node('target'),
      source: node('source'),
      sending,
    } as unknown as FollowQuestion,
    seen,
    proved,
  );
  return { log, points: result.sightings };
}
const interfaces = () => {
  const { source, destination } = valueOf(facts, 'flow');
  return {
    client: source.interface,
    pod: destination.interface,
    tunnel: '10.244.2.0',
    addresses: [source, destination],
  };
};

test("one packet is followed at both pods' interfaces at once, before a ping of each node to its pod", async () => {
  const { client, pod, addresses } = interfaces();
  const { log, points } = await followed([at('source-card', {}), at('target-card', {})]);
  expect(log).toEqual([
    `n2 listens on ${client}, 1 at once`,
    `n1 listens on ${pod}, 1 at once`,
    'sends',
    `control from source to ${addresses[0]?.address}`,
    `control from target to ${addresses[1]?.address}`,
  ]);
  expect(points.map(({ point, sent, requests, control }) => [point, sent, requests, control])).toEqual([
    ['source-pod', 1, [], 0],
    ['target-pod', 1, [], 0],
  ]);
});

test("where it is lost on the target's node, one more is followed at the tunnel, after the others have ended", async () => {
  const { log, points } = await followed([at('target-card', { requests: ['a'] })]);
  expect(log.slice(5)).toEqual(['n1 listens on tunl0, 1 at once', 'sends', 'control from target to 10.244.2.0']);
  expect(points.map(({ point }) => point)).toEqual(['source-pod', 'target-pod', 'target-tunnel']);
});

test('a reply that the pod sends and that does not leave its node is followed at the tunnel, too', async () => {
  const { pod } = interfaces();
  const [from, to] = interfaces().addresses.map(({ address }) => address);
  const lines = [
    `00:00:00.1 IP ${from}.40112 > ${to}.8080: Flags [S], seq 1, win 1, length 0`,
    `00:00:00.2 IP ${to}.8080 > ${from}.40112: Flags [S.], seq 9, ack 2, win 1, length 0`,
  ];
  const says = { [pod ?? '']: { stdout: lines.join('\n'), stderr: quiet } };
  const lost = await followed([at('target-card', { requests: ['a'] })], {}, says);
  expect(lost.points.map(({ point, replies }) => [point, replies.length])).toEqual([
    ['source-pod', 0],
    ['target-pod', 1],
    ['target-tunnel', 0],
  ]);
  const arrived = await followed([at('target-card', { requests: ['a'], replies: ['a'] })], {}, says);
  expect(arrived.points.map(({ point }) => point)).toEqual(['source-pod', 'target-pod']);
});

test('a capture that fails costs its own point alone', async () => {
  const { client } = interfaces();
  const { points } = await followed([at('target-card', {})], {}, { [client ?? '']: new LookError('ssh-lost', 'gone') });
  expect(points.map(({ point, trouble }) => [point, trouble])).toEqual([
    ['source-pod', 'gone'],
    ['target-pod', null],
  ]);
});

test("within one node the source's interface is listened to, and the target's again only where its capture says nothing", async () => {
  const { source, destination } = valueOf(facts, 'flow');
  const local = { source: { ...source, node: destination.node } };
  const listened = async (there: Partial<Sighting>) =>
    (await followed([at('target-pod', there)], local)).log.filter((line) => line.includes('listens'));
  const once = [`n2 listens on ${source.interface}, 1 at once`];
  expect(await listened({})).toEqual(once);
  expect(await listened({ requests: ['a'], control: 0 })).toEqual(once);
  expect(await listened({ control: 0 })).toEqual([...once, `n1 listens on ${destination.interface}, 1 at once`]);
});

test('what has no interface of its own on its node is not listened to', async () => {
  const { source, destination } = valueOf(facts, 'flow');
  const { log } = await followed([at('target-card', { requests: ['a'] })], {
    source: { ...source, kind: 'node', interface: null },
    destination: { ...destination, interface: null },
  });
  expect(log).toEqual([]);
});

test('where a counter proves the drop, nothing more is sent', async () => {
  const { log } = await followed([at('target-card', { requests: ['a'] })], {}, {}, Promise.resolve(true));
  expect(log).toEqual([]);
});

test('a packet that came at the very end and was not printed costs nothing where the control was', async () => {
  const { client, pod, addresses } = interfaces();
  const late = '1 packets captured\n2 packets received by filter\n0 packets dropped by kernel\n';
  const control = `00:00:00.1 IP 10.250.0.11 > ${addresses[1]?.address}: ICMP echo request, id 7, seq 1, length 963`;
  const { points } = await followed(
    [],
    {},
    { [client ?? '']: { stderr: late }, [pod ?? '']: { stdout: control, stderr: late } },
  );
  expect(points.map(({ point, trouble }) => [point, trouble])).toEqual([
    ['source-pod', 'the capture did not print 1 of the packets that it saw'],
    ['target-pod', null],
  ]);
});

test.each<[string, Partial<Sighting>, Partial<Sighting>, number]>([
  ['the request is lost between the nodes', { requests: ['a'] }, {}, 0],
  ['the reply is lost between the nodes', { requests: ['a'] }, { requests: ['a'], replies: ['a'] }, 0],
  ['the other capture cannot say that nothing came', { requests: ['a'] }, { control: 0 }, 2],
  ['the other capture lost packets', { requests: ['a'] }, { droppedByKernel: 1 }, 2],
  ['nothing left the node', {}, {}, 2],
])('the pods are listened to unless the first captures show the place: %s', async (_, source, target, count) => {
  const { points } = await followed([at('source-card', source), at('target-card', target)]);
  expect(points.length).toBe(count);
});

test('where the run ends before, no capture goes on', async () => {
  const over = Promise.reject(new LookError('ssh-lost', 'gone'));
  await expect(followed([at('target-card', { requests: ['a'] })], {}, {}, over)).rejects.toThrow('gone');
  expect([...open.values()]).toEqual([0, 0]);
});
