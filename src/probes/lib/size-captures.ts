import type { Evidence } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { LookError } from '../../model/look-error.ts';
import type { PathSizes, SeenSizes } from '../../model/path-sizes.ts';
import type { NodeLook } from '../../model/probe.ts';
import { droppedByKernel, parseTcpdump, type CapturedPacket } from '../parse/tcpdump.ts';
import { sizeCapture, type SizeCaptureCommand } from './capture-commands.ts';
import { deviceToNode, type PlannedWay, type SizedEnd } from './sized-ways.ts';
import type { SendSized } from './size-search.ts';

export interface SizeCaptureQuestion {
  /** Between the nodes, either direction. */
  readonly request: PlannedWay;
  readonly reply: PlannedWay;
  readonly source: SizedEnd;
  readonly target: SizedEnd;
  readonly sourceNode: NodeLook<SizeCaptureCommand>;
  readonly targetNode: NodeLook<SizeCaptureCommand>;
  readonly send: (way: PlannedWay) => SendSized;
}

export interface SizesSeen {
  readonly seen: PathSizes['seen'];
  readonly evidence: readonly Evidence[];
}

const small = 84;
const times = 2;

/**
 * Sends small and full-sized pings between the nodes, in both directions at once, and captures on the interface of each
 * that leads to the other. @returns null, with why in the evidence, where "not seen" would not count
 */
export async function seeSizes(question: SizeCaptureQuestion): Promise<SizesSeen> {
  const { request, reply, source, target, sourceNode, targetNode, send } = question;
  const [onSource, onTarget] = [
    target.end.nodeAddress && deviceToNode(source, target.end.nodeAddress),
    source.end.nodeAddress && deviceToNode(target, source.end.nodeAddress),
  ];
  if (!onSource || !onTarget || !source.end.nodeAddress || !target.end.nodeAddress) return { seen: null, evidence: [] };
  const { command, params } = sizeCapture({
    source: reply.address,
    tunnel: reply.address,
    destination: request.address,
    sourceNode: source.end.nodeAddress,
    targetNode: target.end.nodeAddress,
  });
  const running = [
    sourceNode.start(command, { ...params, interface: onSource }),
    targetNode.start(command, { ...params, interface: onTarget }),
  ];
  try {
    await Promise.all(running.map(({ ready }) => ready));
    // The small ones last: a capture that shows them had shown what came before.
    for (const size of [null, small])
      await Promise.all(
        [request, reply].flatMap((way) => Array.from({ length: times }, () => send(way)(size ?? way.full))),
      );
  } catch (error) {
    if (!(error instanceof LookError)) throw error;
    for (const one of running) {
      one.result.catch(() => undefined);
      one.stop();
    }
    return { seen: null, evidence: [] };
  }
  for (const one of running) one.stop();
  const ended = await Promise.allSettled(running.map(({ result }) => result));
  const [atSource, atTarget] = ended.map((one) => (one.status === 'fulfilled' ? one.value : null));
  if (!atSource || !atTarget) return { seen: null, evidence: [] };
  const evidence = [atSource, atTarget].map((transcript) => ({
    ...evidenceOf(transcript),
    excerpt: `${transcript.stdout.trim()}\n${transcript.stderr.trim()}`.trim(),
  }));
  if (
    [atSource, atTarget].some(
      ({ timedOut, truncated, stderr }) => timedOut || truncated || droppedByKernel(stderr) !== 0,
    )
  )
    return { seen: null, evidence };
  const [left, right] = [parseTcpdump(atSource.stdout), parseTcpdump(atTarget.stdout)];
  return {
    seen: {
      there: travelled(left, right, reply.address, request.address, request.full),
      back: travelled(right, left, request.address, reply.address, reply.full),
    },
    evidence,
  };
}

/**
 * Requests and answers from one address to the other, of one length, by the captures of the sender's and taker's node.
 */
function travelled(
  left: readonly CapturedPacket[],
  arrived: readonly CapturedPacket[],
  from: string,
  to: string,
  full: number,
): SeenSizes {
  const keys = (packets: readonly CapturedPacket[], length: number) =>
    new Set(
      packets
        .filter((packet) => packet.source === from && packet.destination === to && packet.length === length)
        .map(({ key, detail }) => `${detail} ${key}`),
    );
  const [sent, took] = [keys(left, full), keys(arrived, full)];
  return {
    left: sent.size,
    arrived: [...sent].filter((key) => took.has(key)).length,
    smallArrived: [...keys(left, small)].filter((key) => keys(arrived, small).has(key)).length,
  };
}
