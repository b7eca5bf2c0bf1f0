import { resolve } from 'node:path';
import { administrator } from './control-plane/api.ts';
import { down } from './down.ts';
import { insideNode } from './nodes/machine.ts';
import { administratorCalicoctl } from './objects/calico-datastore.ts';
import { operationsCommand } from './operations/command.ts';
import { serve, stop } from './operations/serve.ts';
import { breakFault, healFaults } from './faults/apply.ts';
import { catalogue } from './faults/catalogue/registry.ts';
import { describeFlow } from './faults/flows.ts';
import { encaps } from './encapsulation.ts';
import { allowFlags, parseInvocation, UsageError, type Invocation } from './options.ts';
import { labPaths, podPart } from './paths.ts';
import { passThrough } from './run.ts';
import { describeStatus, status } from './status.ts';
import { currentTopology } from './state.ts';
import { dataplanes, datastores, labNodes, labPods, layouts, nodeAccesses, type Topology } from './topology.ts';
import { up } from './up.ts';

const usage = `usage: npm run -s lab -- VERB [--name N] …
  up [--nodes N] [--datastore etcd|kubernetes] [--layout manifest|operator] [--dataplane legacy|nft|nftables]
    [--encap ipip|vxlan|crosssubnet|none] [--node-access ssh|agent] [--real]
  down   status [--json]
  faults [--json]   break FAULT [key=value…]   heal [FAULT]
  exec NODE -- CMD…   underlay -- CMD…   pod NS/POD -- CMD…
  kube METHOD PATH [BODY]   calicoctl -- ARGS…   ops -- CMD…   serve [--apart]   stop`;

/** The topology that `up`'s flags ask for. */
function askedTopology(invocation: Invocation): Topology {
  allowFlags(invocation, ['nodes', 'era', 'datastore', 'layout', 'dataplane', 'encap', 'node-access', 'real']);
  const chosen = <Value extends string>(flag: string, now: readonly [Value, ...Value[]], later: string[]): Value => {
    const value = invocation.flags.get(flag) ?? now[0];
    const found = now.find((one) => one === value);
    if (found !== undefined) return found;
    throw new UsageError(
      later.includes(value)
        ? `up --${flag} ${value}: not yet`
        : `up --${flag} ${value}: one of ${[...now, ...later].join(', ')}`,
    );
  };
  const count = Number(invocation.flags.get('nodes') ?? '3');
  if (!Number.isInteger(count) || count < 3 || count > 26) throw new UsageError('up --nodes: a number from 3 to 26');
  chosen('era', ['3'], ['2']);
  const encap = chosen('encap', encaps, []);
  const datastore = chosen('datastore', datastores, []);
  const layout = chosen('layout', layouts, []);
  if (layout === 'operator' && datastore !== 'kubernetes')
    throw new UsageError(
      "up --layout operator: Calico's operator supports the Kubernetes datastore only; add --datastore kubernetes",
    );
  const dataplane = chosen('dataplane', dataplanes, []);
  const real = invocation.flags.has('real') ? process.env['LAB_CALICO_BIN'] : null;
  if (real === undefined || real === '') throw new UsageError('up --real: LAB_CALICO_BIN is not set');
  return {
    name: invocation.name,
    dataplane,
    datastore,
    layout,
    realPrograms: real === null ? null : resolve(real),
    encap,
    nodeAccess: chosen('node-access', nodeAccesses, []),
    nodes: labNodes(count, encap),
    pods: labPods(),
  };
}

function runningLab(name: string): Topology {
  const topology = currentTopology(labPaths(name));
  if (topology === null) throw new UsageError(`lab ${name} is not up`);
  return topology;
}

const word = (invocation: Invocation, at: number, what: string): string => {
  const value = invocation.words[at];
  if (value === undefined) throw new UsageError(`${invocation.verb} needs ${what}`);
  return value;
};

function wantedCommand(invocation: Invocation): string[] {
  if (invocation.command.length === 0) throw new UsageError(`${invocation.verb} needs -- and a command`);
  return invocation.command;
}

const inNamespace = (name: string, part: string, command: string[]) => [
  'nsenter',
  `--net=${labPaths(name).namespaceFile(part)}`,
  '--',
  ...command,
];

async function kube(invocation: Invocation): Promise<number> {
  runningLab(invocation.name);
  const method = word(invocation, 0, 'METHOD');
  const patchType = invocation.flags.get('content-type') ?? 'application/merge-patch+json';
  const api = administrator(labPaths(invocation.name));
  const answer = await api.send(
    method,
    word(invocation, 1, 'PATH'),
    invocation.words[2],
    method === 'PATCH' ? patchType : 'application/json',
  );
  api.close();
  process.stdout.write(answer.body.endsWith('\n') ? answer.body : `${answer.body}\n`);
  return answer.status >= 400 ? 1 : 0;
}

const print = (text: string) => process.stdout.write(`${text}\n`);

const verbs: Record<string, (invocation: Invocation) => Promise<number>> = {
  async up(invocation) {
    await up(askedTopology(invocation));
    return 0;
  },
  async down(invocation) {
    await down(invocation.name);
    return 0;
  },
  async status(invocation) {
    const topology = runningLab(invocation.name);
    print(invocation.flags.has('json') ? JSON.stringify(status(topology), null, 2) : describeStatus(topology));
    return 0;
  },
  async faults(invocation) {
    const rows = catalogue.map(({ name, summary, parameters, expects, variants }) => ({
      name,
      summary,
      causes: [...expects.roots, ...expects.consequences, ...expects.latent],
      ...expects,
      works: expects.answers.map(describeFlow),
      parameters,
      variants,
    }));
    print(
      invocation.flags.has('json')
        ? JSON.stringify(rows, null, 2)
        : rows.map((row) => `${row.name.padEnd(22)} ${row.summary}`).join('\n'),
    );
    return 0;
  },
  async break(invocation) {
    const fault = word(invocation, 0, 'a fault');
    await breakFault(runningLab(invocation.name), fault, invocation.words.slice(1));
    return 0;
  },
  async heal(invocation) {
    await healFaults(runningLab(invocation.name), invocation.words[0] ?? null);
    return 0;
  },
  async exec(invocation) {
    runningLab(invocation.name);
    const where = word(invocation, 0, 'a node');
    const command = wantedCommand(invocation);
    return passThrough(
      where === 'outside' || where === 'control'
        ? inNamespace(invocation.name, where, command)
        : insideNode(labPaths(invocation.name), where, command),
    );
  },
  async underlay(invocation) {
    return passThrough(inNamespace(invocation.name, 'underlay', wantedCommand(invocation)));
  },
  async pod(invocation) {
    const [namespace = '', name = ''] = word(invocation, 0, 'NS/POD').split('/');
    if (!runningLab(invocation.name).pods.some((pod) => pod.namespace === namespace && pod.name === name))
      throw new UsageError(`no pod ${namespace}/${name}`);
    return passThrough(inNamespace(invocation.name, podPart(namespace, name), wantedCommand(invocation)));
  },
  kube,
  async calicoctl(invocation) {
    return passThrough(
      administratorCalicoctl(labPaths(invocation.name), runningLab(invocation.name), invocation.command),
    );
  },
  async ops(invocation) {
    runningLab(invocation.name);
    const { argv, env } = operationsCommand(labPaths(invocation.name), wantedCommand(invocation));
    return passThrough(argv, env);
  },
  async serve(invocation) {
    allowFlags(invocation, ['apart']);
    await serve(runningLab(invocation.name), invocation.flags.has('apart') ? ['bot', 'worker'] : ['all']);
    return 0;
  },
  async stop(invocation) {
    await stop(runningLab(invocation.name));
    return 0;
  },
};

try {
  const invocation = parseInvocation(process.argv.slice(2));
  const verb = verbs[invocation.verb];
  if (verb === undefined) throw new UsageError(usage);
  process.exitCode = await verb(invocation);
} catch (problem) {
  process.stderr.write(`${problem instanceof Error ? problem.message : String(problem)}\n`);
  process.exitCode = problem instanceof UsageError ? 3 : 1;
}
