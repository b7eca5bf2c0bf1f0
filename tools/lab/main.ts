import { askedTopology } from './asked-topology.ts';
import { administrator } from './control-plane/api.ts';
import { down } from './down.ts';
import { serve, stop } from './operations/serve.ts';
import { breakFault, healFaults } from './faults/apply.ts';
import { catalogue } from './faults/catalogue/registry.ts';
import { describeFlow } from './faults/flows.ts';
import { allowFlags, parseInvocation, UsageError, type Invocation } from './options.ts';
import { labPaths } from './paths.ts';
import { placedCommand, runningLab, word } from './places.ts';
import { passThrough } from './run.ts';
import { describeStatus, status } from './status.ts';
import { up } from './up.ts';

const usage = `usage: npm run -s lab -- VERB [--name N] …
  up [--nodes N] [--era 2|3] [--datastore etcd|kubernetes] [--layout manifest|operator]
    [--dataplane legacy|nft|nftables] [--encap ipip|vxlan|crosssubnet|none] [--node-access ssh|agent]
    [--families ipv4|dual] [--typha] [--real]
  down   status [--json]
  faults [--json]   break FAULT [key=value…]   heal [FAULT]
  exec NODE -- CMD…   underlay -- CMD…   pod NS/POD -- CMD…
  kube METHOD PATH [BODY]   calicoctl -- ARGS…   ops -- CMD…
  serve [--apart] [--config FILE] [--workspace FILE]   stop`;

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
  kube,
  async serve(invocation) {
    allowFlags(invocation, ['apart', 'config', 'workspace']);
    const { flags } = invocation;
    await serve(runningLab(invocation.name), flags.has('apart') ? ['bot', 'worker'] : ['all'], {
      config: flags.get('config'),
      workspace: flags.get('workspace'),
    });
    return 0;
  },
  async stop(invocation) {
    await stop(runningLab(invocation.name));
    return 0;
  },
};

try {
  const invocation = parseInvocation(process.argv.slice(2));
  const placed = placedCommand(invocation);
  const verb = verbs[invocation.verb];
  if (placed !== null) process.exitCode = await passThrough(placed.argv, placed.env);
  else if (verb !== undefined) process.exitCode = await verb(invocation);
  else throw new UsageError(usage);
} catch (problem) {
  process.stderr.write(`${problem instanceof Error ? problem.message : String(problem)}\n`);
  process.exitCode = problem instanceof UsageError ? 3 : 1;
}
