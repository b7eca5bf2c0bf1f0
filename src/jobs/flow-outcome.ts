import type { Flow, Reachability, UntriedPort } from '../model/facts.ts';
import { describePort } from '../model/target-grammar.ts';
import type { FlowPort } from '../model/target.ts';
import type { Gathering } from '../probes/gather.ts';
import { everyPortAnswered, flowAnswered } from '../rules/lib/flow-answered.ts';

export interface FlowOutcome {
  /** The asked flow got an answer on every port that was asked about (true), got none on one (false), or one was not tried (null). */
  readonly works: boolean | null;
  /** The same of the judged port alone. */
  readonly judgedPortWorks: boolean | null;
  readonly notes: readonly string[];
}

export async function flowOutcome(gathering: Pick<Gathering, 'fact'>): Promise<FlowOutcome> {
  const [flow, reachability] = await Promise.all([gathering.fact('flow'), gathering.fact('reachability')]);
  const notes = [
    ...(flow.status === 'observed' ? notesOfFlow(flow.value) : []),
    ...(reachability.status === 'observed' ? notesOfPorts(reachability.value) : []),
  ];
  return { works: everyPortAnswered(flow, reachability), judgedPortWorks: flowAnswered(reachability), notes };
}

function notesOfFlow({ refusedByDesign, untriedPorts }: Flow): readonly string[] {
  const beyond = untriedPorts.filter(({ refused }) => refused === null).map(({ port }) => port);
  return [
    ...refusedByDesign.map(({ source, policy, ports }) => `${source} is refused by policy ${policy}${ports ? ` on ${portWords(ports)}` : ''}, which admits others: by design, not a fault.`),
    ...untriedPorts.flatMap(noteOfRefused),
    ...(beyond[0] ? [`${portWords(beyond)} ${beyond.length === 1 ? 'was' : 'were'} not tried: the pod declares more TCP ports than are tried at once. Ask for one with --port ${describePort(beyond[0])}.`] : []),
  ];
}

function noteOfRefused({ port, refused }: UntriedPort): readonly string[] {
  const words = describePort(port);
  return refused ? [`${words} was not tried: policy ${refused.policy} refuses the chosen source on it and admits others. Ask for it with --from ${refused.admitted} --port ${words}.`] : [];
}

function notesOfPorts({ attempts }: Reachability): readonly string[] {
  return attempts.flatMap(({ what, answer, from, port }) => {
    if (what !== 'other-port' || answer === 'reply') return [];
    const words = describePort(port);
    return [`${words} ${answer === 'error' ? 'could not be tried' : 'did not answer'} from ${from}. Ask for it alone with --port ${words}.`];
  });
}

function portWords(ports: readonly FlowPort[]): string {
  return ports.map(describePort).join(', ');
}
