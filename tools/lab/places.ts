import { insideNode } from './nodes/machine.ts';
import { administratorCalicoctl } from './objects/calico-datastore.ts';
import { operationsCommand } from './operations/command.ts';
import { UsageError, type Invocation } from './options.ts';
import { labPaths, podPart } from './paths.ts';
import { currentTopology } from './state.ts';
import type { Topology } from './topology.ts';

/** A command as the machine runs it, so that it runs at its place in the lab. */
interface PlacedCommand {
  readonly argv: string[];
  readonly env: NodeJS.ProcessEnv;
}

/** @throws UsageError when it is not up */
export function runningLab(name: string): Topology {
  const topology = currentTopology(labPaths(name));
  if (topology === null) throw new UsageError(`lab ${name} is not up`);
  return topology;
}

/** @throws UsageError when the verb was given fewer words */
export function word({ verb, words }: Invocation, at: number, what: string): string {
  const value = words[at];
  if (value === undefined) throw new UsageError(`${verb} needs ${what}`);
  return value;
}

function wantedCommand({ verb, command }: Invocation): string[] {
  if (command.length === 0) throw new UsageError(`${verb} needs -- and a command`);
  return command;
}

const inNamespace = (name: string, part: string, command: string[]) => [
  'nsenter',
  `--net=${labPaths(name).namespaceFile(part)}`,
  '--',
  ...command,
];

const here = (argv: string[]): PlacedCommand => ({ argv, env: process.env });

const places: Readonly<Record<string, (invocation: Invocation, topology: Topology) => PlacedCommand>> = {
  exec(invocation) {
    const where = word(invocation, 0, 'a node');
    const command = wantedCommand(invocation);
    return here(
      where === 'outside' || where === 'control'
        ? inNamespace(invocation.name, where, command)
        : insideNode(labPaths(invocation.name), where, command),
    );
  },
  underlay: (invocation) => here(inNamespace(invocation.name, 'underlay', wantedCommand(invocation))),
  pod(invocation, { pods }) {
    const [namespace = '', name = ''] = word(invocation, 0, 'NS/POD').split('/');
    if (!pods.some((pod) => pod.namespace === namespace && pod.name === name))
      throw new UsageError(`no pod ${namespace}/${name}`);
    return here(inNamespace(invocation.name, podPart(namespace, name), wantedCommand(invocation)));
  },
  calicoctl: ({ name, command }, topology) => here(administratorCalicoctl(labPaths(name), topology, command)),
  ops: (invocation) => operationsCommand(labPaths(invocation.name), wantedCommand(invocation)),
};

/**
 * What a verb that only hands on a command has the machine run; null: the verb does something else.
 * @throws UsageError when the lab is not up, or the verb lacks something
 */
export function placedCommand(invocation: Invocation): PlacedCommand | null {
  const place = Object.hasOwn(places, invocation.verb) ? places[invocation.verb] : undefined;
  return place?.(invocation, runningLab(invocation.name)) ?? null;
}
