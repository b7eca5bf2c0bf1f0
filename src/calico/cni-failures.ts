/**
 * Why a CNI plugin could not wire a pod, by what the kubelet says of it. Sources: the errors of Calico's plugin
 * (cni-plugin/pkg, libcalico-go/lib/ipam), of containerd and of CRI-O.
 */
import type { PodEvent } from '../model/kubernetes.ts';

/**
 * - `unauthorized`: the API server does not accept the plugin's token. `forbidden`: it does, and refuses what is asked.
 * - `certificate`: TLS fails. `unreachable`: nothing answers. `locked`: datastoreReady is false.
 * - `no-node`: calico-node has not run on the node. `no-address`: no pool has an address for the pod.
 * - `address-taken`: a route to the address leads to another interface.
 * - `not-installed`: the plugin or its configuration is not there.
 * - `other`: none of these, or another plugin than Calico's.
 */
export type CniFailureKind =
  | 'unauthorized'
  | 'forbidden'
  | 'certificate'
  | 'unreachable'
  | 'locked'
  | 'no-node'
  | 'no-address'
  | 'address-taken'
  | 'not-installed'
  | 'other';

export interface CniFailure {
  readonly kind: CniFailureKind;
  /** The plugin's name; null where nobody says it. */
  readonly plugin: string | null;
  /** What it said, at most 300 characters. */
  readonly said: string;
  readonly at: string;
  readonly count: number;
}

/** In this order: an address in a refused connection says less than the refusal. In lower case. */
const phrases: readonly (readonly [CniFailureKind, readonly string[]])[] = [
  ['no-node', ['/var/lib/calico/nodename: no such file']],
  ['locked', ['calico is currently not ready to process requests']],
  [
    'not-installed',
    [
      'failed to find plugin ',
      'cni plugin not initialized',
      'cni config uninitialized',
      'no networks found in ',
      'no valid networks found',
      'exec format error',
    ],
  ],
  ['address-taken', ['already exists for an interface other than']],
  [
    'no-address',
    [
      'no ips available in pools',
      'no more free affine blocks',
      'no configured calico pools',
      'assigned 0 out of ',
      'pools are likely exhausted',
      'no ipv4 addresses available',
      'no ip addresses available in range',
    ],
  ],
  ['forbidden', ['is forbidden', 'cannot get resource', 'cannot list resource', 'cannot create resource']],
  ['certificate', ['x509', 'tls: ']],
  ['unauthorized', ['unauthorized', 'token has expired', 'token is expired', 'must be logged in to the server']],
  [
    'unreachable',
    [
      'connection refused',
      'i/o timeout',
      'deadline exceeded',
      'no route to host',
      'network is unreachable',
      'no such host',
      'tls handshake timeout',
      'connection reset by peer',
      'client.timeout',
      'dial tcp',
    ],
  ],
];

/** A sandbox may also fail for reasons beside the network. */
const ofNetwork = [
  'failed to setup network',
  'failed to set up network',
  'failed to set up sandbox container',
  'plugin type="',
  'networkplugin cni',
  'to cni network',
  'network is not ready',
  'failed to create pod network sandbox',
];
const failing: ReadonlySet<string> = new Set(['FailedCreatePodSandBox', 'NetworkNotReady']);
/** What the kubelet says of a pod that has its network. */
const wired: ReadonlySet<string> = new Set(['Pulling', 'Pulled', 'Created', 'Started']);

/**
 * The last failure of a CNI plugin in the events of a pod; null: there is none, or the pod got its network after it.
 * @param events the oldest first
 */
export function cniFailureOf(events: readonly PodEvent[]): CniFailure | null {
  const at = events.findLastIndex(({ reason, message }) => failing.has(reason) && holdsAny(message, ofNetwork));
  const last = events[at];
  if (!last || events.slice(at + 1).some(({ reason }) => wired.has(reason))) return null;
  const { message } = last;
  const plugin = [...message.matchAll(/plugin type="([\w.-]{1,60})"/g)].at(-1)?.[1] ?? null;
  const isCalico = plugin === null || plugin.startsWith('calico');
  const found = isCalico ? phrases.find(([, words]) => holdsAny(message, words)) : undefined;
  const kind = found?.[0] ?? 'other';
  return { kind, plugin, said: tellingPart(message), at: last.at, count: last.count };
}

function holdsAny(message: string, words: readonly string[]): boolean {
  const lower = message.toLowerCase();
  return words.some((word) => lower.includes(word));
}

/** Behind the last of the wrappings that runtimes put around an error. */
function tellingPart(message: string): string {
  const ends = ['failed (add): ', '" network: ', 'message:', 'network is not ready: ', 'desc = ']
    .map((wrapping) => [message.lastIndexOf(wrapping), wrapping.length] as const)
    .find(([found]) => found >= 0);
  return (ends ? message.slice(ends[0] + ends[1]) : message).slice(0, 300).trim();
}
