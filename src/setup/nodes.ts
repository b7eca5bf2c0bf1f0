/** What the bot needs on each node, tried there: the way in, the helper with its list, and the programs. */
import { nodeReachedAt } from '../calico/trusted-address.ts';
import { calicoctlGetClusterInformation } from '../commands/calicoctl.ts';
import { curlFelixLiveness } from '../commands/curl.ts';
import { ipRouteShow } from '../commands/ip.ts';
import { ipsetSave } from '../commands/ipset.ts';
import { nftListTables } from '../commands/nft.ts';
import { ssListening } from '../commands/ss.ts';
import { tcpdumpBare } from '../commands/tcpdump.ts';
import type { Command, CommandRequest, Transcript } from '../model/command.ts';
import type { KubernetesNode } from '../model/kubernetes.ts';
import { LookError } from '../model/look-error.ts';
import { toolWords, unrunTool } from '../model/node-tools.ts';
import type { NodeShell, NodeShells } from '../model/ports.ts';
import { parseCalicoctlGet } from '../probes/parse/calicoctl.ts';
import { parseIpRoutes } from '../probes/parse/ip-routes.ts';
import { failed, limited, ok, type Check, type Trouble } from './check.ts';
import { agentTrouble } from './agent-way-in.ts';
import { listTroubles } from './allow-list.ts';
import { wayInTrouble } from './way-in.ts';
import { someOf } from '../model/words.ts';

/** What is wrong on one node. `node` in the words is replaced by the names of all that have it. */
interface NodeTrouble extends Trouble {
  /** Nothing can be read on the node. */
  readonly closed: boolean;
}

export interface NodeSettings {
  readonly via: 'ssh' | 'agent';
  /** As messages name the known_hosts file. */
  readonly hostsFile: string;
  readonly needsCalicoctl: Promise<boolean>;
}

/** Returns one line a cause, with all nodes that it is found on. */
export async function checkNodes(
  shells: NodeShells,
  nodes: readonly KubernetesNode[],
  settings: NodeSettings,
): Promise<readonly Check[]> {
  const found = await Promise.all(
    nodes.map(async (node) => ({
      name: node.metadata.name,
      troubles: await troublesOf(shells, node, nodes, settings),
    })),
  );
  const groups = Map.groupBy(
    found.flatMap(({ name, troubles }) => troubles.map((trouble) => ({ name, trouble }))),
    ({ trouble }) => `${trouble.text}\n${trouble.next}`,
  );
  const closed = found.filter(({ troubles }) => troubles.some((trouble) => trouble.closed)).length;
  const lines = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const names = group.map(({ name }) => name);
    const part = names.length === 1 ? `node ${names[0]}` : `${names.length} of ${nodes.length} nodes`;
    const text = names.length === 1 ? first.trouble.text : `${first.trouble.text} (${someOf(names)})`;
    return [(closed === nodes.length ? failed : limited)(part, { text, next: first.trouble.next })];
  });
  const sound = found.filter(({ troubles }) => troubles.length === 0).map(({ name }) => name);
  return [
    ...(sound.length === 0 ? [] : [ok('nodes', `${sound.length} of ${nodes.length} ready: ${someOf(sound)}`)]),
    ...lines,
  ];
}

async function troublesOf(
  shells: NodeShells,
  node: KubernetesNode,
  nodes: readonly KubernetesNode[],
  { via, hostsFile, needsCalicoctl }: NodeSettings,
): Promise<readonly NodeTrouble[]> {
  const { name } = node.metadata;
  const trusted = nodeReachedAt(node, nodes);
  if (trusted.address === null) return [{ closed: true, text: trusted.why, next: 'Run kubectl get nodes -o wide' }];
  const { address } = trusted;
  const shell = shells.shell({ name, address });
  try {
    const routes = await run(shell, { command: ipRouteShow, moment: 'first', params: {} });
    const device = deviceOf(routes);
    const looks = await Promise.all([
      listTroubles(shell, via),
      toolTrouble(shell, ipsetSave),
      toolTrouble(shell, curlFelixLiveness),
      toolTrouble(shell, nftListTables),
      toolTrouble(shell, ssListening),
      (await needsCalicoctl) ? calicoctlTrouble(shell) : [],
      // The filter of a capture takes addresses of IPv4.
      device === null || address.includes(':') ? [] : captureTrouble(shell, device, address),
    ]);
    return looks.flat().map((trouble) => ({ closed: false, ...trouble }));
  } catch (error) {
    const look = error instanceof LookError ? error : new LookError('ssh-lost', String(error), { cause: error });
    const trouble = via === 'agent' ? agentTrouble(look, name) : wayInTrouble(look, { name, address, hostsFile });
    return [{ closed: true, ...trouble }];
  }
}

const run = (shell: NodeShell, request: CommandRequest): Promise<Transcript> => shell.start(request).result;

/** @throws LookError where the node says something else than routes */
function deviceOf({ stdout, exit, stderr, node }: Transcript): string | null {
  if (exit !== 0) throw new LookError('command-failed', `${node}: ip route show: ${stderr.trim().slice(0, 200)}`);
  const routes = parseIpRoutes(stdout).filter(({ device }) => device !== null);
  return (routes.find(({ destination }) => destination === 'default') ?? routes[0])?.device ?? null;
}

async function toolTrouble(shell: NodeShell, command: Command): Promise<readonly Trouble[]> {
  const transcript = await answered(shell, command);
  const unrun = transcript === null ? null : unrunTool(transcript);
  return unrun === null ? [] : [sentences(toolWords(unrun, 'the node'))];
}

/** A command that the helper refuses is the matter of its list. */
async function answered(shell: NodeShell, command: Command): Promise<Transcript | null> {
  try {
    return await run(shell, { command, moment: 'first', params: {} });
  } catch (error) {
    if (error instanceof LookError && error.code === 'node-helper-missing') return null;
    throw error;
  }
}

async function calicoctlTrouble(shell: NodeShell): Promise<readonly Trouble[]> {
  const transcript = await answered(shell, calicoctlGetClusterInformation);
  if (transcript === null) return [];
  const answer = parseCalicoctlGet({ ...transcript, node: 'the node' });
  if (answer.ok) return [];
  if (answer.code === 'datastore-unreachable' || answer.code === 'command-failed')
    return [
      {
        text: `calicoctl on the node cannot read the datastore: ${answer.error}`,
        next: 'Run calicoctl get clusterinformation default there',
      },
    ];
  return [sentences(answer.error)];
}

/** Captures are tried until tcpdump listens; no packet is needed. */
async function captureTrouble(shell: NodeShell, device: string, address: string): Promise<readonly Trouble[]> {
  const running = shell.start({
    command: tcpdumpBare,
    moment: 'first',
    params: {
      interface: device,
      destination: address,
      source: address,
      tunnel: address,
      sourceNode: address,
      udpPort: '0',
      control: address,
      controlLength: '84',
      owner: address,
    },
  });
  const isReady = await running.ready.then(
    () => true,
    () => false,
  );
  if (isReady) {
    running.stop();
    await running.result.catch(() => undefined);
    return [];
  }
  const transcript = await running.result.catch((error: unknown) => {
    if (error instanceof LookError && error.code === 'node-helper-missing') return null;
    throw error;
  });
  if (transcript === null) return [];
  const unrun = unrunTool(transcript);
  if (unrun !== null) return [sentences(toolWords(unrun, 'the node'))];
  const said = transcript.stderr.trim().split('\n').at(-1) ?? '';
  return [
    {
      text: `tcpdump does not capture: ${said.slice(0, 200)}`,
      next: `Run tcpdump -p -c 1 -i ${device} on the node as root`,
    },
  ];
}

/** Splits what is wrong from what to do. */
function sentences(words: string): Trouble {
  const at = words.lastIndexOf('. ');
  return at < 0
    ? { text: words, next: 'Check it on the node' }
    : { text: words.slice(0, at), next: words.slice(at + 2) };
}
