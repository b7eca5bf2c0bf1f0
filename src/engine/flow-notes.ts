import type { Flow, Reachability, UntriedPort } from '../model/facts.ts';
import { describePort } from '../model/target-grammar.ts';
import type { FlowPort } from '../model/target.ts';
import type { Gathering } from './gather.ts';

/** Returns what a person must know of the flow beside the verdict: sources passed over, ports not tried or not answering. */
export async function flowNotes(gathering: Pick<Gathering, 'fact'>): Promise<readonly string[]> {
  const [flow, reachability] = await Promise.all([gathering.fact('flow'), gathering.fact('reachability')]);
  return [
    ...(flow.status === 'observed' ? notesOfFlow(flow.value) : []),
    ...(reachability.status === 'observed' ? notesOfPorts(reachability.value) : []),
  ];
}

function notesOfFlow({ refusedByDesign, untriedPorts }: Flow): readonly string[] {
  const beyond = untriedPorts.filter(({ refused }) => refused === null).map(({ port }) => port);
  return [
    ...refusedByDesign.map(
      ({ source, policy, ports }) =>
        `Policy ${policy} denies ${source}${ports ? ` on ${portWords(ports)}` : ''} and allows other sources. I take this as intended, not as a fault.`,
    ),
    ...untriedPorts.flatMap(noteOfRefused),
    ...(beyond[0]
      ? [
          `${portWords(beyond)} ${beyond.length === 1 ? 'was' : 'were'} not tried: the pod declares more TCP ports than one run tries. To try one, use --port ${describePort(beyond[0])}.`,
        ]
      : []),
  ];
}

function noteOfRefused({ port, refused }: UntriedPort): readonly string[] {
  const words = describePort(port);
  return refused
    ? [
        `${words} was not tried: policy ${refused.policy} denies it from the chosen source and allows other sources. To try it, use --from ${refused.admitted} --port ${words}.`,
      ]
    : [];
}

function notesOfPorts({ attempts }: Reachability): readonly string[] {
  return attempts.flatMap(({ what, answer, from, port }) => {
    if (what !== 'other-port' || answer === 'reply') return [];
    const words = describePort(port);
    return [
      `${words} ${answer === 'error' ? 'could not be tried' : 'did not answer'} from ${from}. To diagnose it alone, use --port ${words}.`,
    ];
  });
}

function portWords(ports: readonly FlowPort[]): string {
  return ports.map(describePort).join(', ');
}
