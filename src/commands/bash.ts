import { defineCommand } from '../model/command.ts';
import { inPod } from './lib/in-pod.ts';
import { ownProcesses } from './lib/own-processes.ts';
import { tries } from './lib/tries.ts';

/** Below one second, the kernel sends one SYN alone. */
const connect = ['timeout', '0.9', 'bash', '-c', 'exec 3<>/dev/tcp/{address:address}/{port:number}'];

export const bashTcpConnect = defineCommand({ id: 'bash-tcp-connect', argv: connect, ...tries });
export const bashTcpConnectInPod = defineCommand({
  id: 'bash-tcp-connect-in-pod',
  argv: [...inPod, ...connect],
  ...tries,
});

/** Sends one datagram, and waits for one of any kind that comes back. */
const ask = (send: string) => [
  'timeout',
  '0.9',
  'bash',
  '-c',
  `exec 3<>/dev/udp/{address:address}/{port:number} && ${send} >&3 && head -c 1 <&3 >/dev/null`,
];
/** Zeros: their number is all that marks it. */
const zeros = ask('printf "%0{size:number}d" 0');
/**
 * A question for the name servers of the root, which every DNS server answers, if only by a refusal (RFC 1035, section
 * 4).
 */
const question = ask(String.raw`printf "\066\066\001\0\0\001\0\0\0\0\0\0\0\0\002\0\001"`);

export const bashUdpAsk = defineCommand({ id: 'bash-udp-ask', argv: zeros, ...tries });
export const bashUdpAskInPod = defineCommand({ id: 'bash-udp-ask-in-pod', argv: [...inPod, ...zeros], ...tries });
export const bashDnsAsk = defineCommand({ id: 'bash-dns-ask', argv: question, ...tries });
export const bashDnsAskInPod = defineCommand({ id: 'bash-dns-ask-in-pod', argv: [...inPod, ...question], ...tries });
/** Bytes of that question. */
export const dnsQuestionBytes = 17;

/**
 * Prints the network of a pod under headings, as `ip` says it: links (JSON), and for people its addresses; then
 * for people and parsers alike its routes, the kernel's choice for one address, that for what has the pod's own address
 * as its source, its routing rules, its neighbours, and the tables of its own packet filters. A refused route is an
 * answer.
 */
const podNetwork = (version: 4 | 6, tables: string) =>
  [
    'echo "# links"',
    'ip -j -d addr show || exit 1',
    'echo "# addresses"',
    `ip -${version} -o addr show || exit 1`,
    'echo "# routes"',
    `ip ${version === 6 ? '-6 ' : ''}route show || exit 1`,
    'echo "# way"',
    'way="$(ip route get {address:address} 2>&1)"; echo "$way"',
    'echo "# own way"',
    '[[ "$way" =~ \\ src\\ [0-9a-f.:]+ ]] && set -- $BASH_REMATCH && ip route get {address:address} from "$2" 2>&1',
    'echo "# rules"',
    `ip -${version} rule show 2>/dev/null`,
    'echo "# neighbours"',
    `ip -${version} neigh show || exit 1`,
    'echo "# filters"',
    `cat /proc/net/${tables} 2>/dev/null`,
    'timeout 2 nft list tables 2>/dev/null || echo unread',
  ].join('; ');

export const bashPodNetworkInPod = defineCommand({
  id: 'bash-pod-network-in-pod',
  argv: [...inPod, 'bash', '-c', podNetwork(4, 'ip_tables_names')],
  timeoutSeconds: 4,
  maxBytes: 1_000_000,
});
/** The same of IPv6. */
export const bashPodNetwork6InPod = defineCommand({
  id: 'bash-pod-network6-in-pod',
  argv: [...inPod, 'bash', '-c', podNetwork(6, 'ip6_tables_names')],
  timeoutSeconds: 4,
  maxBytes: 1_000_000,
});

/** @param each what is done with each Felix process, as ownProcesses says */
const felixProcesses = (tools: string, each: string) =>
  [
    `type ${tools} >/dev/null || exit 127`,
    '[[ -r /proc/self/status ]] || exit 1',
    ...ownProcesses(
      ['calico-felix', 'calico-node', 'calico'],
      [
        'case "$(readlink $p/exe) $args " in */calico-felix" "*|*" -felix "*|*" --felix "*|*" component felix "*) ' +
          `${each} ;; esac`,
      ],
    ),
    'exit 0',
  ].join('; ');

/** Prints the number and arguments of each Felix process. */
export const bashFindFelix = defineCommand({
  id: 'bash-find-felix',
  argv: ['bash', '-c', felixProcesses('find stat readlink head tr', 'echo "$id $args"')],
  timeoutSeconds: 5,
  maxBytes: 100_000,
});

/** Prints, of the environment of each Felix process, what it is told to call its node, and nothing else. */
export const bashFelixNodeName = defineCommand({
  id: 'bash-felix-node-name',
  argv: [
    'bash',
    '-c',
    felixProcesses(
      'find stat readlink head tr grep',
      'head -c 2000000 $p/environ 2>/dev/null | grep -aizm 1 "^FELIX_FELIXHOSTNAME=" | head -c 300 | ' +
        String.raw`tr -c "[:print:]" "\n"`,
    ),
  ],
  timeoutSeconds: 5,
  maxBytes: 10_000,
});

/** runit's supervisor of Felix, in the container of calico-node: it reads orders in the folder of the service. */
const felixSupervisor = (each: readonly string[]) =>
  [
    'type find stat readlink head tr >/dev/null || exit 127',
    '[[ -r /proc/self/status ]] || exit 1',
    ...ownProcesses(
      ['runsv'],
      [
        'read -r _ service _ <<<$args',
        '[[ $service == felix && ! -L $p/cwd/supervise && ! -L $p/cwd/supervise/control ]] || continue',
        '[[ -p $p/cwd/supervise/control ]] || continue',
        ...each,
      ],
    ),
    'exit 0',
  ].join('; ');

/** Prints the number of each supervisor of Felix. */
export const bashFindFelixSupervisor = defineCommand({
  id: 'bash-find-felix-supervisor',
  argv: ['bash', '-c', felixSupervisor(['echo $(basename $p)'])],
  timeoutSeconds: 5,
  maxBytes: 10_000,
});
/**
 * The container owns that folder, and may put another file there at any moment: what is written to was opened, without
 * a change to it, and looked at. Opening a file of the node to write would empty it.
 */
const heldControl = [
  '{ exec 8<$p/cwd/supervise/control; } 2>/dev/null || continue',
  '[[ -p /proc/self/fd/8 ]] || continue',
  'printf tcu >/proc/self/fd/8 && echo $(basename $p)',
];
/**
 * Tells the supervisor what `sv restart felix` does: end Felix, let it go on where it is stopped, and keep it up.
 * Prints the number of the supervisor.
 */
export const bashRestartFelix = defineCommand({
  id: 'bash-restart-felix',
  argv: ['bash', '-c', felixSupervisor(heldControl)],
  timeoutSeconds: 5,
  maxBytes: 10_000,
  writes: true,
});
