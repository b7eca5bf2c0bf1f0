import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Transcript } from '../../../src/model/command.ts';
import type { Flow } from '../../../src/model/flow.ts';
import type { ReachAttempt } from '../../../src/model/reachability.ts';
import { LookError } from '../../../src/model/look-error.ts';
import type { NodeLook } from '../../../src/model/probe.ts';
import type { FlowPort } from '../../../src/model/target.ts';
import { describePort } from '../../../src/model/target-grammar.ts';
import type { Command } from '../../../src/model/command.ts';
import { planSending } from '../../../src/probes/lib/marked-sending.ts';
import type { SendCommand } from '../../../src/probes/lib/send-one.ts';
import { captured, valueOf, type Facts } from '../../support/facts.ts';
import { transcript } from '../transcript.ts';

const tcp = (number: number): FlowPort => ({ protocol: 'tcp', number });
const refused: Partial<Transcript> = { exit: 1, stderr: 'bash: connect: Connection refused' };
const lost: Partial<Transcript> = { exit: 124 };

let facts: Facts;
beforeAll(async () => {
  facts = await captured('healthy-legacy');
});

type Answers = Readonly<Record<string, Partial<Transcript> | LookError>>;
/** What is sent, and what a connect to a port brings (`from-pod 8080`); what is not given is answered. */
function sending(flow: Partial<Flow>, answers: Answers = {}) {
  const sent: string[] = [];
  const look = (node: string) =>
    ({
      node,
      async run({ id }: Command<SendCommand>, params: Readonly<Record<string, string>>) {
        sent.push(`${node} ${id} ${params['port'] ?? params['address']}`);
        const said = answers[`${id.includes('in-pod') ? 'from-pod' : 'from-node'} ${params['port'] ?? 'ping'}`] ?? {};
        if (said instanceof LookError) throw said;
        return transcript({ node, ...said });
      },
    }) as unknown as NodeLook<SendCommand>;
  const at = (place: 'target' | 'source') => ({
    rulesets: valueOf(facts, `rulesets@${place}`),
    routes: valueOf(facts, `routes@${place}`),
    links: valueOf(facts, `links@${place}`),
  });
  const plan = planSending({
    flow: { ...valueOf(facts, 'flow'), port: tcp(8080), ...flow },
    look: { nonce: () => 7 },
    targetNode: look('n1'),
    sourceNode: look('n2'),
    target: at('target'),
    source: at('source'),
  });
  return { plan, sent };
}
const others = (...ports: number[]) =>
  ports.map((port) => ({ port: tcp(port), source: valueOf(facts, 'flow').source }));
const words = (attempts: readonly ReachAttempt[]) =>
  attempts.map(
    ({ what, port, answered, sent, answer }) => `${what} ${describePort(port)} ${answered}/${sent} ${answer}`,
  );

describe('what stands before and beside the pod', () => {
  const service = { name: 'default/web', address: '198.51.100.20', port: tcp(80) };
  test('a Service is tried three times at its own address, and another pod once', async () => {
    const otherPods = [valueOf(facts, 'flow').destination];
    const { attempts } = await sending({ service, otherPods }, { 'from-pod 80': lost }).plan.aside(true);
    expect(attempts.map(({ to }) => to)).toEqual(['svc:default/web', 'default/mypod']);
    expect(words(attempts)).toEqual(['service 80/tcp 0/3 none', 'other-pod 8080/tcp 1/1 reply']);
  });
  test('a Service before a pod that does not answer is not tried: its packets would be taken for the asked ones', async () => {
    const { plan, sent } = sending({ service });
    await plan.aside(false);
    expect(sent.filter((command) => command.endsWith(' 80'))).toEqual([]);
  });
  test('a Service of DNS is asked by TCP, too, and the pod behind it', async () => {
    const dns = { ...service, port: { protocol: 'udp', number: 53 } as const };
    const { attempts } = await sending({ service: dns, port: dns.port }).plan.aside(true);
    expect(words(attempts)).toEqual([
      'service 53/udp 3/3 reply',
      'dns-tcp 53/tcp 3/3 reply',
      'dns-tcp-pod 53/tcp 1/1 reply',
    ]);
  });
});

describe('the other declared ports', () => {
  let otherPorts: Flow['otherPorts'];
  beforeAll(() => {
    otherPorts = others(9090, 9100);
  });
  test('one connect each, from the same source', async () => {
    const { plan, sent } = sending({ otherPorts });
    expect(words((await plan.aside(true)).attempts)).toEqual([
      'other-port 9090/tcp 1/1 reply',
      'other-port 9100/tcp 1/1 reply',
    ]);
    expect(sent).toEqual(['n2 bash-tcp-connect-in-pod 9090', 'n2 bash-tcp-connect-in-pod 9100']);
  });
  test("one that does not answer is tried from the pod's own node, too", async () => {
    const { plan, sent } = sending({ otherPorts }, { 'from-pod 9100': lost, 'from-node 9100': refused });
    expect(words((await plan.aside(true)).attempts)).toEqual([
      'other-port 9090/tcp 1/1 reply',
      'other-port 9100/tcp 0/1 none',
      'own-node 9100/tcp 0/1 refused',
    ]);
    expect(sent.at(-1)).toBe('n1 bash-tcp-connect 9100');
  });
  test('one that admits only another is tried by that one, where it lives', async () => {
    const { destination } = valueOf(facts, 'flow');
    const { plan, sent } = sending({
      otherPorts: [...others(9090), { port: tcp(9100), source: { ...destination, name: 'neighbour' } }],
    });
    expect((await plan.aside(true)).attempts.map(({ from, port }) => `${from} ${describePort(port)}`)).toEqual([
      'default/client 9090/tcp',
      'default/neighbour 9100/tcp',
    ]);
    expect(sent).toEqual(['n2 bash-tcp-connect-in-pod 9090', 'n1 bash-tcp-connect-in-pod 9100']);
  });
  test('are not sent with the asked flow: its burst is counted', async () => {
    const { plan, sent } = sending({ otherPorts });
    expect(words((await plan.asked()).attempts)[0]).toBe('flow 8080/tcp 3/3 reply');
    await plan.afterLoss(false);
    expect(sent.filter((line) => / (9090|9100)$/.test(line))).toEqual([]);
  });
  test('a connect that could not be made costs nothing but itself', async () => {
    const { plan } = sending(
      { otherPorts },
      {
        'from-pod 9090': new LookError('not-recorded', 'the case does not hold it'),
        'from-node 9090': new LookError('ssh-lost', 'gone'),
      },
    );
    expect(words((await plan.aside(true)).attempts)).toEqual([
      'other-port 9090/tcp 0/0 error',
      'other-port 9100/tcp 1/1 reply',
      'own-node 9090/tcp 0/0 error',
    ]);
  });
});

describe("the judged port, from the pod's own node", () => {
  test('only where it did not answer', async () => {
    expect(words((await sending({}).plan.aside(true)).attempts)).toEqual([]);
    expect(words((await sending({}, { 'from-node 8080': refused }).plan.aside(false)).attempts)).toEqual([
      'own-node 8080/tcp 0/1 refused',
    ]);
  });
  test('only TCP', async () => {
    expect((await sending({ port: { protocol: 'icmp' } }).plan.aside(false)).attempts).toEqual([]);
  });
});

test('at most five connects for one source and port', async () => {
  const { plan, sent } = sending(
    { otherPorts: others(9090) },
    { 'from-pod 8080': lost, 'from-node 8080': lost, 'from-pod 9090': lost, 'from-node 9090': lost },
  );
  await plan.asked();
  await plan.afterLoss(false);
  await plan.aside(false);
  // One packet is followed at most twice.
  await plan.oneMore();
  await plan.oneMore();
  const counts = Map.groupBy(
    sent.filter((line) => line.includes('connect')),
    (line) => line,
  );
  expect(Math.max(...[...counts.values()].map(({ length }) => length))).toBeLessThanOrEqual(5);
  expect(counts.size).toBe(4);
});

describe('one more packet, for captures alone', () => {
  const controls = [{ at: 'source', address: '10.244.2.7' } as const, { at: 'target', address: '10.244.1.5' } as const];
  test('is sent as asked; the pings of the nodes are sent after it', async () => {
    const { plan, sent } = sending({});
    expect(await plan.oneMore()).toBe(1);
    expect(sent).toEqual(['n2 bash-tcp-connect-in-pod 8080']);
    await plan.control(controls);
    expect(sent.slice(1)).toEqual(['n2 ping 10.244.2.7', 'n1 ping 10.244.1.5']);
  });
  test('of a source whose namespace is not known nothing is sent', async () => {
    const { source } = valueOf(facts, 'flow');
    const { plan } = sending({ source: { ...source, interface: 'gone0', address: '10.244.2.99' } });
    expect(await plan.oneMore()).toBe(0);
  });
  test('a node that cannot be asked any more costs the packet alone', async () => {
    const gone = new LookError('ssh-lost', 'gone');
    const { plan } = sending({}, { 'from-pod 8080': gone, 'from-node ping': gone });
    expect(await plan.oneMore()).toBe(0);
    await expect(plan.control(controls)).resolves.toBeUndefined();
  });
  test('a datagram and a ping are as long as the asked ones, and the control is not', () => {
    for (const port of [{ protocol: 'udp', number: 5300 }, { protocol: 'icmp' }] as const) {
      const { plan } = sending({ port });
      expect([plan.length, plan.controlLength]).toEqual([608 + 28, 908 + 28]);
    }
    expect(sending({}).plan.length).toBe(60);
  });
});
test.each([
  [5300, 'bash-udp-ask-in-pod', 608],
  // What a DNS server does not understand has no answer.
  [53, 'bash-dns-ask-in-pod', 17],
])('UDP port %i is asked by %s', async (number, command, payload) => {
  const { plan, sent } = sending({ port: { protocol: 'udp', number } });
  expect(words((await plan.asked()).attempts)[0]).toBe(`flow ${number}/udp 3/3 reply`);
  expect(sent.filter((line) => line.endsWith(` ${number}`))).toEqual(
    Array.from({ length: 3 }, () => `n2 ${command} ${number}`),
  );
  expect(plan.length).toBe(payload + 28);
});
