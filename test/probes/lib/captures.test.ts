import { beforeAll, describe, expect, test } from '@jest/globals';
import type { Transcript } from '../../../src/model/command.ts';
import type { PathCapture } from '../../../src/model/path-capture.ts';
import { LookError } from '../../../src/model/look-error.ts';
import type { NodeLook } from '../../../src/model/probe.ts';
import type { CaptureCommand } from '../../../src/probes/lib/capture-commands.ts';
import { startCaptures, type CaptureQuestion } from '../../../src/probes/lib/captures.ts';
import { captureLimit } from '../../../src/commands/tcpdump.ts';
import { captured, valueOf, type Facts } from '../../support/facts.ts';
import { codeOf } from '../scripted.ts';
import { running } from '../transcript.ts';

let facts: Facts;
beforeAll(async () => {
  facts = await captured('healthy-legacy');
});

const ours = 'IP 10.250.0.12 > 10.250.0.11: IP SOURCE > TARGET: ICMP echo request, id 7, seq 1, length 655';
const lines = (...all: string[]) =>
  all
    .map(
      (line) =>
        `18:00:00.1 ${line.replace('SOURCE', valueOf(facts, 'flow').source.address).replace('TARGET', valueOf(facts, 'flow').destination.address)}`,
    )
    .join('\n');
const ended = '2 packets captured\n0 packets dropped by kernel\n';

const look = (node: string, said: Partial<Transcript> | LookError) =>
  ({ node, start: () => running(node, said) }) as unknown as NodeLook<CaptureCommand>;

/** Captures of which each node's prints, or fails with, what is given. */
async function capture(
  n2: Partial<Transcript> | LookError,
  n1: Partial<Transcript> | LookError = { stderr: ended },
  pings?: ReadonlySet<number>,
) {
  const node = (at: 'target' | 'source') => ({
    rulesets: valueOf(facts, `rulesets@${at}`),
    routes: valueOf(facts, `routes@${at}`),
    links: valueOf(facts, `links@${at}`),
  });
  const question: CaptureQuestion = {
    flow: valueOf(facts, 'flow'),
    targetNode: look('n1', n1),
    sourceNode: look('n2', n2),
    target: node('target'),
    source: node('source'),
    ...(pings ? { pings } : {}),
  };
  return (await startCaptures(question)).finish();
}
const places = (fact: Awaited<ReturnType<typeof capture>>): PathCapture['places'] => {
  if (fact.status !== 'observed') throw new Error(fact.reason);
  return fact.value.places;
};

describe('what was seen, each packet by what marks it', () => {
  test('requests, answers, the control; small and large apart; each once', async () => {
    const large = ours.replace('655', '1380');
    const answer = 'IP 10.250.0.11 > 10.250.0.12: IP TARGET > SOURCE: ICMP echo reply, id 7, seq 1, length 655';
    const control = 'IP 10.250.0.12 > 10.250.0.11: ICMP echo request, id 9, seq 1, length 809';
    const answered = 'IP 10.250.0.11 > 10.250.0.12: ICMP echo reply, id 9, seq 1, length 809';
    const [source] = places(
      await capture({
        stdout: lines(ours, ours, large, answer, control, control.replace('809', '1380'), answered),
        stderr: ended,
      }),
    );
    expect(source).toMatchObject({
      node: 'n2',
      interface: 'eth0',
      hop: 'source-card',
      requests: ['icmp 7/1 655'],
      largeRequests: ['icmp 7/1 1380'],
      replies: ['icmp 7/1 655'],
      control: ['icmp 9/1 809'],
      largeControl: ['icmp 9/1 1380'],
      controlReplies: ['icmp 9/1 809'],
      droppedByKernel: 0,
      outer: [
        { source: '10.250.0.12', destination: '10.250.0.11' },
        { source: '10.250.0.11', destination: '10.250.0.12' },
      ],
    });
  });
  test('pings that others send between the two pods are none of the flow: one capture may have begun before them', async () => {
    const whole = ours.replace('655', '1460');
    const answer = 'IP 10.250.0.11 > 10.250.0.12: IP TARGET > SOURCE: ICMP echo reply, id 7, seq 1, length 1460';
    const [source, target] = places(
      await capture(
        { stdout: lines(whole, answer, ours), stderr: ended },
        { stdout: lines(answer, ours), stderr: ended },
        new Set([655 + 20]),
      ),
    );
    expect([source?.requests, source?.largeRequests, source?.replies]).toEqual([['icmp 7/1 655'], [], []]);
    expect([target?.requests, target?.largeRequests, target?.replies]).toEqual([['icmp 7/1 655'], [], []]);
  });
  test('others between the same two nodes are neither request nor control', async () => {
    const [source] = places(
      await capture({
        stdout: lines(
          'IP 10.250.0.12 > 10.250.0.11: IP 10.244.2.99 > 10.244.1.99: ICMP echo request, id 7, seq 1, length 64',
          'IP 10.250.0.11 > 10.250.0.12: ICMP echo request, id 1, seq 1, length 64',
          'IP 10.250.0.12 > 10.250.0.11: ICMP echo reply, id 1, seq 1, length 64',
          'IP 10.250.0.12.5 > 10.250.0.11.179: Flags [P.], seq 1:20, ack 1, win 1, length 19',
        ),
        stderr: ended,
      }),
    );
    expect([source?.requests, source?.replies, source?.control, source?.controlReplies]).toEqual([[], [], [], []]);
  });
  test('answers to connections that began before the captures are none of the flow', async () => {
    const outer = 'IP 10.250.0.11 > 10.250.0.12:';
    const old = `${outer} IP TARGET.8080 > SOURCE.45152: Flags [S.], seq 3650687832, ack 1797405718, win 1, length 0`;
    const syn =
      'IP 10.250.0.12 > 10.250.0.11: IP SOURCE.40998 > TARGET.8080: Flags [S], seq 1764370615, win 1, length 0';
    const answer = `${outer} IP TARGET.8080 > SOURCE.40998: Flags [R.], seq 0, ack 1764370616, win 0, length 0`;
    const [source, target] = places(
      await capture(
        { stdout: lines(syn, answer), stderr: ended },
        // This one began first, and lost the beginning of the connection on the way.
        { stdout: lines(old, answer), stderr: ended },
      ),
    );
    expect([source?.replies, target?.replies]).toEqual([['tcp 8080>40998 seq 0'], ['tcp 8080>40998 seq 0']]);
  });
  test('an answer that left past the tunnel is told as such', async () => {
    const syn = 'IP 10.250.0.12 > 10.250.0.11: IP SOURCE.40998 > TARGET.8080: Flags [S], seq 5, win 1, length 0';
    const answer = 'IP TARGET.8080 > SOURCE.40998: Flags [S.], seq 9, ack 6, win 1, length 0';
    const [source, target] = places(
      await capture({ stdout: lines(syn), stderr: ended }, { stdout: lines(syn, answer), stderr: ended }),
    );
    expect(source?.plain).toBeUndefined();
    expect([target?.replies, target?.plain]).toEqual([['tcp 8080>40998 seq 9'], ['tcp 8080>40998 seq 9']]);
  });
  test.each(['S', 'SEW', 'SEWe'])(
    'the beginning of a connection is a request, whatever of ECN it offers: %s',
    async (flags) => {
      const syn = `IP 10.250.0.12 > 10.250.0.11: IP SOURCE.40998 > TARGET.8080: Flags [${flags}], seq 5, win 1, length 0`;
      const answer =
        'IP 10.250.0.11 > 10.250.0.12: IP TARGET.8080 > SOURCE.40998: Flags [S.E], seq 9, ack 6, win 1, length 0';
      const [source] = places(await capture({ stdout: lines(syn, answer), stderr: ended }));
      expect([source?.requests, source?.replies]).toEqual([['tcp 40998>8080 seq 5'], ['tcp 8080>40998 seq 9']]);
    },
  );
  test('drops of the kernel are kept, and silence about them too', async () => {
    expect(
      places(await capture({ stderr: '5 packets dropped by kernel' }, { stderr: 'listening on eth0' })).map(
        ({ droppedByKernel }) => droppedByKernel,
      ),
    ).toEqual([5, null]);
  });
});

describe('a capture that did not see everything is none', () => {
  test.each<[string, () => Partial<Transcript> | LookError, string]>([
    ['it ended before the last packets', () => ({ timedOut: true, exit: null }), 'timeout'],
    ['its output was cut', () => ({ truncated: true }), 'output-too-large'],
    [
      'background traffic filled it',
      () => ({
        stdout: lines(...Array.from({ length: captureLimit }, (_, at) => ours.replace('seq 1', `seq ${at}`))),
        stderr: ended,
      }),
      'output-too-large',
    ],
    ['it never began', () => new LookError('command-failed', 'tcpdump: eth0: No such device exists'), 'command-failed'],
    ['the connection was lost', () => new LookError('ssh-lost', 'gone'), 'ssh-lost'],
  ])('%s', async (_, said, code) => {
    expect(codeOf(await capture(said()))).toBe(code);
    expect(codeOf(await capture({ stderr: ended }, said()))).toBe(code);
  });
});
