import { beforeAll, expect, test } from '@jest/globals';
import type { Command } from '../../../src/model/command.ts';
import type { FlowEnd } from '../../../src/model/flow.ts';
import type { WayAnswer } from '../../../src/model/kernel-way.ts';
import { LookError } from '../../../src/model/look-error.ts';
import { waitForClient, type WaitQuestion } from '../../../src/probes/lib/wait-for-client.ts';
import { captured, valueOf, type Facts } from '../../support/facts.ts';
import { running } from '../transcript.ts';

let facts: Facts;
beforeAll(async () => {
  facts = await captured('healthy-legacy');
});

const client = '198.51.100.7';
const counts = (packets: number, dropped = 0) =>
  `${packets} packets captured\n${packets} packets received by filter\n${dropped} packets dropped by kernel\n`;
const outside: FlowEnd = {
  kind: 'outside',
  namespace: null,
  name: client,
  address: client,
  node: null,
  nodeAddress: null,
  interface: null,
};

/** What each capture prints, by its interface, window by window; later windows print the control alone. */
async function waited(
  says: Readonly<Record<string, readonly (readonly string[])[]>>,
  {
    from = outside,
    seconds = 30,
    cancelAt = Number.POSITIVE_INFINITY,
    kernelDrops = 0,
    answers = null as WayAnswer | null,
  } = {},
) {
  const pod = valueOf(facts, 'flow').destination;
  const open = new Set<string>();
  const windows = new Map<string, number>();
  let slept = 0;
  const look = {
    node: 'n1',
    start(_: Command, { interface: device = '', control = '' }: Readonly<Record<string, string>>) {
      const at = windows.get(device) ?? 0;
      windows.set(device, at + 1);
      open.add(`${device} ${at}`);
      const ping = `00:00:09.0 IP 192.0.2.1 > ${control}: ICMP echo request, id 1, seq 1, length 963`;
      const lines = [...(says[device]?.[at] ?? []), ping];
      return {
        ...running('n1', { stdout: lines.join('\n'), stderr: counts(lines.length, kernelDrops) }),
        stop: () => void open.delete(`${device} ${at}`),
      };
    },
  };
  const links = valueOf(facts, 'links@target');
  const ways = answers && [
    { of: 'reply-target-egress', destination: client, node: 'n1', answer: answers, doubt: null },
  ];
  const at = {
    rulesets: valueOf(facts, 'rulesets@target'),
    routes: valueOf(facts, 'routes@target'),
    links,
    ...(ways ? { ways } : {}),
  };
  const question = {
    flow: { ...valueOf(facts, 'flow'), source: from, port: { protocol: 'tcp', number: 8080 } },
    targetNode: look,
    sourceNode: look,
    target: at,
    source: at,
    sending: { controlLength: 983, control: () => Promise.resolve() },
    seconds,
    isSourceBypassed: false,
    sleep(milliseconds: number) {
      slept += milliseconds;
      return slept >= cancelAt ? Promise.reject(new LookError('cancelled', 'cancelled')) : Promise.resolve();
    },
  } as unknown as WaitQuestion;
  const met = await waitForClient(question).catch((error: unknown) => error as LookError);
  return { met, open: [...open], seconds: slept / 1000, pod };
}

const line = (from: string, to: string, flags: string) =>
  `00:00:00.1 IP ${from} > ${to}: Flags [${flags}], seq 1, ack 2, win 1, length 0`;
const packets = () => {
  const { address } = valueOf(facts, 'flow').destination;
  const there = (flags: string, source = client, port = 40_112) => line(`${source}.${port}`, `${address}.8080`, flags);
  const back = (flags: string, port = 40_112) => line(`${address}.8080`, `${client}.${port}`, flags);
  const pod = valueOf(facts, 'flow').destination.interface ?? '';
  return { there, back, pod };
};
const told = (met: unknown) =>
  met instanceof LookError ? met.code : (met as Awaited<ReturnType<typeof waitForClient>>).attempt;

test('the first packet of the client ends the wait, and its answer is waited for', async () => {
  const { there, back, pod } = packets();
  const { met, open, seconds } = await waited({
    eth0: [[], [there('S')], [back('S.')]],
    [pod]: [[], [there('S'), back('S.')]],
  });
  expect(told(met)).toMatchObject({ sent: 1, answered: 1, answer: 'reply' });
  expect([open, seconds]).toEqual([[], 14.5]);
});

test('seen at the node, and not at the pod: the capture there saw its control', async () => {
  const { there, pod } = packets();
  const { met } = await waited({ eth0: [[there('S')]] });
  expect(told(met)).toMatchObject({ sent: 1, answered: 0, answer: 'none' });
  expect(met).toMatchObject({
    sightings: [
      { point: 'target-card', interface: 'eth0', requests: ['40112'], trouble: null },
      { point: 'target-pod', interface: pod, requests: [], control: 2, droppedByKernel: 0 },
    ],
  });
});

const leavesBy = (device: string): WayAnswer => ({
  kind: 'route',
  type: 'unicast',
  device,
  gateway: null,
  table: '52',
  preferredSource: null,
});
const refused: WayAnswer = { kind: 'refused', error: 'invalid-argument', words: 'Invalid argument' };

test.each<[string, WayAnswer | null, string]>([
  ['is lost, although it left the pod', null, 'none'],
  ['is lost where the kernel has no way for it', refused, 'none'],
  ['may have left by another interface', leavesBy('vpn0'), 'error'],
])('an answer that the network interface does not show %s', async (_, answers, answer) => {
  const { there, back, pod } = packets();
  const { met } = await waited({ eth0: [[there('S')]], [pod]: [[there('S'), back('S.')]] }, { answers });
  expect(told(met)).toMatchObject({ sent: 1, answered: 0, answer });
  expect((told(met) as { readonly detail: string }).detail.includes('tcpdump -p -ni vpn0')).toBe(answer === 'error');
});

test('an answer counts where it leaves, also where the requests come in elsewhere', async () => {
  const { there, back, pod } = packets();
  const { met } = await waited({ eth0: [[back('S.')]], [pod]: [[there('S'), back('S.')]] });
  expect(told(met)).toMatchObject({ sent: 1, answered: 1, answer: 'reply' });
});

test('its node may give the packet an address of its own: its port still marks it', async () => {
  const { there, pod } = packets();
  const node = valueOf(facts, 'flow').destination.nodeAddress ?? '';
  const { met } = await waited({ eth0: [[there('S')]], [pod]: [[there('S', node)]] });
  expect(met).toMatchObject({ sightings: [{}, { requests: ['40112'], sources: [node] }] });
});

test('a pod on the network of another node is followed by the address of that node', async () => {
  const { there } = packets();
  const sender = valueOf(facts, 'flow').source;
  const far = valueOf(facts, 'flow').destination.nodeAddress;
  const control = `00:00:00.2 IP ${sender.nodeAddress} > ${far}: ICMP echo request, id 1, seq 1, length 963`;
  const { met } = await waited(
    { eth0: [[there('S', sender.nodeAddress ?? ''), control]] },
    { from: { ...sender, kind: 'pod', address: '203.0.113.9', interface: null } },
  );
  expect(told(met)).toMatchObject({ sent: 1, answered: 0, answer: 'none' });
});

test('what the node itself sends to the pod is not the client', async () => {
  const { there, pod } = packets();
  const node = valueOf(facts, 'flow').destination.nodeAddress ?? '';
  const { met } = await waited({ [pod]: Array.from({ length: 5 }, () => [there('S', node)]) });
  expect(told(met)).toBe('no-answer');
});

test('a refusal of the pod is not silence', async () => {
  const { there, back } = packets();
  const { met } = await waited({ eth0: [[there('S'), back('R.')]] });
  expect(told(met)).toMatchObject({ answered: 0, answer: 'refused' });
});

test('what the pod ends after it has accepted it was answered', async () => {
  const { there, back } = packets();
  const { met } = await waited({ eth0: [[there('S'), back('S.'), back('R')]] });
  expect(told(met)).toMatchObject({ answered: 1, answer: 'reply' });
});

test('one connection of two is not answered: it is not called an answer', async () => {
  const { there, back } = packets();
  const { met } = await waited({ eth0: [[there('S'), back('S.'), there('S', client, 40_113)]] });
  expect(told(met)).toMatchObject({ sent: 2, answered: 1, answer: 'none' });
});

test('an answer that the capture may have missed is not silence', async () => {
  const { there, back } = packets();
  const silent = await waited({ eth0: [[there('S')]] }, { kernelDrops: 3 });
  expect(told(silent.met)).toMatchObject({
    answer: 'error',
    detail: '8080/tcp, sent by the client itself. But the capture on eth0 of n1 may not have seen every packet',
  });
  const answered = await waited({ eth0: [[there('S'), back('S.')]] }, { kernelDrops: 3 });
  expect(told(answered.met)).toMatchObject({ answered: 1, answer: 'reply' });
});

test('never seen: says where it was watched for, and no capture is left', async () => {
  const { pod } = packets();
  const { met, open, seconds } = await waited({}, { seconds: 20 });
  expect(met).toMatchObject({
    code: 'no-answer',
    message: expect.stringMatching(`within 20 s. Watched: eth0 on n1, ${pod} on n1$`),
  });
  expect([open, seconds]).toEqual([[], 20]);
});

test('a cancel ends every capture', async () => {
  const { met, open } = await waited({}, { cancelAt: 10_000 });
  expect([told(met), open]).toEqual(['cancelled', []]);
});
