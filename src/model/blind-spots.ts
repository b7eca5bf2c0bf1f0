import { agentMark, agentName, agentNamespace, applyAgent, askKubelet } from './agent.ts';
import { onlyCluster } from './known-clusters.ts';
import { own } from './own.ts';
import { bastionIn, closedBastionIn, scanOf, sshAddressIn, sshPortIn, tryTcp } from './ssh-port.ts';
import type { BlindSpot } from './verdict.ts';

/** Blind spots of one cause, in one line. */
export interface BlindSpotLine {
  readonly text: string;
  /** The command that lets the checks run next time; null: none is known. */
  readonly next: string | null;
}

type Next = (spot: BlindSpot, node: string) => string | null;

/** The helper and its lists, installed anew. */
function installHelper({ reason }: BlindSpot, node: string): string {
  return reason.startsWith(`${node}${agentMark}: `)
    ? `kubectl -n ${agentNamespace} set image daemonset/${agentName} agent=IMAGE   # of this version, with a new tag`
    : `sudo deploy/node/install KEY.pub   # on ${node}: installs the helper and its lists`;
}

function tryPort({ reason }: BlindSpot, node: string): string {
  // Where the bot runs, names of nodes need not resolve.
  return `${tryTcp(sshAddressIn(reason) ?? node, sshPortIn(reason))}   # from ${dialler(reason)}`;
}

/** Nothing is known of the nodes behind it. */
function openBastion({ reason }: BlindSpot): string | null {
  const closed = closedBastionIn(reason);
  if (closed === null) return null;
  const { host, port, why } = closed;
  if (/^its host key |^it has no host key /.test(why))
    return `${scanOf(closed)}   # compare with the key on its console, then add it to SSH_KNOWN_HOSTS_FILE`;
  return /was not accepted/.test(why)
    ? `ssh-copy-id -f -i KEY.pub -p ${port} USER@${host}   # lets the key of the bot in`
    : `${tryTcp(host, port)}   # from the machine of the bot`;
}

function dialler(reason: string): string {
  const bastion = bastionIn(reason);
  return bastion === null ? 'the machine of the bot' : `the bastion ${bastion}`;
}

const kubelet = (node: string) => `${askKubelet(node)}   # takes the same way, to port 10250 of the node`;

/** Placeholders in capitals are for a person to fill in. */
const nexts: Readonly<Record<string, Next>> = {
  'no-node-access': () => 'calico-chatops doctor   # says what nodes need',
  'ssh-no-answer': tryPort,
  'ssh-unreachable': ({ reason }, node) => `ip route get ${sshAddressIn(reason) ?? node}   # on ${dialler(reason)}`,
  'ssh-refused': (spot, node) =>
    closedBastionIn(spot.reason) !== null
      ? openBastion(spot)
      : /was not accepted/.test(spot.reason)
        ? `sudo deploy/node/install KEY.pub   # on ${node}: lets the key of the bot in`
        : tryPort(spot, node),
  'ssh-host-key': (_, node) =>
    `ssh-keyscan ${node}   # compare with the key on its console, then add it to SSH_KNOWN_HOSTS_FILE`,
  'ssh-lost': (_, node) => `uptime   # on ${node}: is it overloaded? Then run the diagnosis again`,
  timeout: ({ reason }, node) =>
    reason.includes(`${agentMark}: the node helper did not start`)
      ? kubelet(node)
      : `uptime   # on ${node}: is it overloaded? Then run the diagnosis again`,
  'agent-missing': ({ reason }) =>
    /there is no DaemonSet/.test(reason)
      ? `${applyAgent}   # installs the agent`
      : `kubectl -n ${agentNamespace} get pods -o wide   # is a pod of the agent ready on the node?`,
  'exec-refused': ({ reason }, node) =>
    /ValidatingAdmissionPolicy|: 403 /.test(reason)
      ? `${applyAgent}   # the rights of the bot, and its policy`
      : reason.includes('without TLS')
        ? 'kubectl config view --minify   # its server must begin with https://'
        : kubelet(node),
  'exec-lost': (_, node) => `uptime   # on ${node}: is it overloaded? Then run the diagnosis again`,
  'node-helper-missing': installHelper,
  'node-answer-invalid': installHelper,
  'api-unreachable': () => 'kubectl get --raw /readyz   # with the kubeconfig of the bot',
  'api-forbidden': ({ reason }) =>
    `${reason.includes(`${agentMark}: `) ? applyAgent : 'kubectl apply -f deploy/rbac/'}   # the rights of the bot`,
  'datastore-unreachable': (_, node) => `calicoctl get clusterinformation default   # on ${node}`,
  // A Felix that was not seen, or whose socket is another's: its number tells.
  'no-answer': ({ reason }, node) => {
    const [, port] = / its health port (\d{1,5})\b/.exec(reason) ?? [];
    return port === undefined
      ? null
      : `ss -ltnp "sport = :${port}"; pgrep -af "calico-felix|felix"   # on ${node}: is it Felix that listens?`;
  },
  'command-failed': () => 'calico-chatops diagnose NS/POD --case DIR   # the case holds all that was answered',
  'not-parsed': () => 'calico-chatops diagnose NS/POD --case DIR   # this is a bug: please report it with the case',
};

/**
 * Returns a line for each cause, in the order in which the causes were met first.
 * @param cluster of the spots: where there are several, a command says for which one it is
 */
export function blindSpotLines(spots: readonly BlindSpot[], cluster = onlyCluster): readonly BlindSpotLine[] {
  const groups = Map.groupBy(
    spots,
    (spot) => `${spot.code}\n${causeOf(spot)}\n${isOfNoNode(spot) || namesNode(spot, spots) ? '' : spot.node}`,
  );
  return [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const node = group.find((spot) => spot.node !== null)?.node ?? null;
    const { what, next: command } = told(first, node ?? nodeIn(first.reason) ?? 'the node');
    const next = command === null || cluster === onlyCluster ? command : named(command, cluster);
    const affected = new Set(group.flatMap(({ affects }) => affects)).size;
    const isShared = new Set(group.map((spot) => spot.node)).size > 1;
    const isNamed = node === null || isOfAllNodes(first) || isShared || what.includes(node);
    if (group.length === 1 && !isOfAllNodes(first))
      return [{ text: `${first.probe}${isNamed ? '' : ` on ${node}`}: ${what}${notRun(affected)}`, next }];
    const cause = group.every(({ reason }) => reason === first.reason) ? what : sharedWords(first);
    return [{ text: `${isNamed ? '' : `${node}: `}${cause}${notRun(affected || group.length)}`, next }];
  });
}

/** Nodes, namespaces and pods of two clusters may be called the same. */
function named(command: string, cluster: string): string {
  const [typed = '', comment] = command.split('   # ');
  const whole = typed.replace(/^calico-chatops diagnose NS\/POD\b/, (words) => `${words} --cluster ${cluster}`);
  return `${whole}   # in ${cluster}${comment === undefined ? '' : `: ${comment}`}`;
}

const isOfAllNodes = ({ code }: BlindSpot) => code === 'no-node-access';

/** A cluster has one API server, for whichever node it was asked. */
const isOfNoNode = (spot: BlindSpot) =>
  isOfAllNodes(spot) || (spot.code === 'api-unreachable' && apiTroubleIn(spot.reason) !== null);

/** A node that is too slow is one cause, whichever command it did not answer, and so is an API server. */
function causeOf({ code, reason }: BlindSpot): string {
  if (code === 'api-unreachable') return apiTroubleIn(reason) ?? reason;
  return code === 'timeout' ? (nodeIn(reason) ?? reason) : reason;
}

/** What is said of spots whose reasons differ in what was to be read. */
function sharedWords({ code, reason }: BlindSpot): string {
  return code === 'api-unreachable' ? `API server: ${apiTroubleIn(reason)}` : `${nodeIn(reason)}: no answer in time`;
}

/** What the API server did, behind the request that it did not answer, also where that is known from one before. */
function apiTroubleIn(reason: string): string | null {
  return /^(?:GET|POST) \/\S{0,2000}: (.+?)(?:, a moment ago)?$/s.exec(reason)?.[1] ?? null;
}

/**
 * How a missing program's reason ends: with the command that installs it. Reasons hold words of nodes as well, and what
 * a node says must never become a command for a person: only these very words count.
 */
const installs = /^(.+)\. Run (apt-get install [\w.+-]+ \(Debian\) or dnf install [\w.+-]+ \(RHEL\))$/s;

function told(spot: BlindSpot, node: string): { readonly what: string; readonly next: string | null } {
  const [, what, command] = installs.exec(spot.reason) ?? [];
  return what === undefined || command === undefined
    ? { what: spot.reason, next: own(nexts, spot.code)?.(spot, node) ?? null }
    : { what, next: command };
}

function notRun(checks: number): string {
  return checks === 0 ? '' : `; ${checks} ${checks === 1 ? 'check' : 'checks'} not run`;
}

/** The reason begins with the name of a node, so that it is the same for whatever was to be read there. */
function namesNode({ reason }: BlindSpot, spots: readonly BlindSpot[]): boolean {
  const named = nodeIn(reason);
  return named !== null && spots.some(({ node }) => node === null || node === named);
}

function nodeIn(reason: string): string | null {
  return /^([\w.-]+)(?: \([^)]*\))?: /.exec(reason)?.[1] ?? null;
}
