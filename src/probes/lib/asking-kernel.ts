import type { Command, Transcript } from '../../model/command.ts';
import { isOfType } from '../../model/command.ts';
import type { Flow } from '../../model/flow.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import type { KernelWay, WayQuestion } from '../../model/kernel-way.ts';
import { LookError } from '../../model/look-error.ts';
import { protocols } from '../../model/protocols.ts';
import {
  ipRouteGetEntering,
  ipRouteGetEnteringPorts,
  ipRouteGetOwn,
  ipRouteGetOwnPorts,
  ipRouteGetPodGateway,
} from '../../commands/ip.ts';
import type { RoutedMark } from '../../flow-walks/routed-mark.ts';
import { podGateway } from '../../flow-walks/way-questions.ts';
import { answerOfRouteGet } from '../parse/ip-route-get.ts';

export const routeGetCommands = [
  ipRouteGetEntering,
  ipRouteGetEnteringPorts,
  ipRouteGetOwn,
  ipRouteGetOwnPorts,
  ipRouteGetPodGateway,
] as const;
type RouteGetCommand = (typeof routeGetCommands)[number]['id'];

/** A port that no rule is likely to name, for what chooses one at random. */
const anyPort = 40_000;

export interface Asker {
  readonly node: string;
  run(command: Command<RouteGetCommand>, params: Readonly<Record<string, string>>): Promise<Transcript>;
}

/**
 * Asks one node's kernel for the way of one packet. Never rejects for what the node said: an answer that did not come
 * is told in the way itself.
 * @param readsPorts whether a rule of the node asks for protocol or ports
 */
export async function askKernel(
  asker: Asker,
  question: WayQuestion,
  flow: Flow,
  { mark, doubt }: RoutedMark,
  readsPorts: boolean,
): Promise<KernelWay> {
  const ports = readsPorts ? portsOf(question, flow) : null;
  const [command, params] = commandOf(question, mark, ports);
  const way = {
    ...question,
    node: asker.node,
    mark,
    doubt: doubt ?? (readsPorts && !ports ? 'a routing rule of the node asks for ports or protocols' : null),
  };
  const foreign = Object.entries(params).find(([name, value]) => !isOfType(typeOf(name), value));
  if (foreign)
    return {
      ...way,
      answer: { kind: 'unavailable', code: 'not-supported', reason: `${foreign[1]} cannot be asked for` },
      evidence: [],
    };
  try {
    const transcript = await asker.run(command, params);
    return { ...way, answer: answerOfRouteGet(transcript), evidence: [evidenceOf(transcript)] };
  } catch (error) {
    if (!(error instanceof LookError)) throw error;
    return { ...way, answer: { kind: 'unavailable', code: error.code, reason: error.message }, evidence: [] };
  }
}

type Ports = Readonly<Record<'protocol' | 'sourcePort' | 'destinationPort', string>>;

function commandOf(
  { destination, source, inInterface }: WayQuestion,
  mark: number,
  ports: Ports | null,
): readonly [Command<RouteGetCommand>, Readonly<Record<string, string>>] {
  const marked = { mark: (mark >>> 0).toString(16) };
  if (source === null || inInterface === null)
    return ports
      ? [ipRouteGetOwnPorts, { destination, ...marked, ...ports }]
      : [ipRouteGetOwn, { destination, ...marked }];
  const entering = { source, interface: inInterface };
  if (destination === podGateway) return [ipRouteGetPodGateway, entering];
  return ports
    ? [ipRouteGetEnteringPorts, { destination, ...entering, ...marked, ...ports }]
    : [ipRouteGetEntering, { destination, ...entering, ...marked }];
}

function typeOf(parameter: string): 'address' | 'interface' | 'hex' | 'number' {
  if (parameter === 'interface') return 'interface';
  if (parameter === 'mark') return 'hex';
  return parameter === 'source' || parameter === 'destination' ? 'address' : 'number';
}

/** null: the packet has no ports. */
function portsOf({ of }: WayQuestion, { port }: Flow): Ports | null {
  if (port.protocol === 'icmp' || of === 'source-outer' || of === 'reply-target-outer') return null;
  const [own, asked] = [String(anyPort), String(port.number)];
  const reply = of.startsWith('reply-');
  return {
    protocol: String(protocols[port.protocol]),
    sourcePort: reply ? asked : own,
    destinationPort: reply ? own : asked,
  };
}
