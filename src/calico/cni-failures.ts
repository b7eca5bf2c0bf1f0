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
 * - `not-installed`: the plugin or its configuration is not there. `other`: none of these, or another plugin than Calico's.
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

/** In this order: an address in a refused connection says less than the refusal. */
const phrases: readonly (readonly [CniFailureKind, RegExp])[] = [
  ['no-node', /\/var\/lib\/calico\/nodename: no such file/i],
  ['locked', /Calico is currently not ready to process requests/i],
  [
    'not-installed',
    /failed to find plugin |cni plugin not initialized|cni config uninitialized|no networks found in |no valid networks found|exec format error/i,
  ],
  ['address-taken', /route \(Ifindex: .{0,200}already exists for an interface other than/i],
  [
    'no-address',
    /No IPs available in pools|No more free affine blocks|no configured Calico pools|Assigned 0 out of \d+ requested|pools are likely exhausted|no IPv4 addresses available|no IP addresses available in range/i,
  ],
  ['forbidden', /is forbidden|cannot (?:get|list|create|update|patch|delete) resource/i],
  ['certificate', /x509|tls: |certificate (?:has expired|signed by)/i],
  ['unauthorized', /unauthori[sz]ed|token (?:has |is )?expired|must be logged in to the server/i],
  [
    'unreachable',
    /connection refused|i\/o timeout|deadline exceeded|no route to host|network is unreachable|no such host|TLS handshake timeout|connection reset by peer|Client\.Timeout|dial tcp/i,
  ],
];

/** A sandbox may also fail for reasons beside the network. */
const ofNetwork =
  /failed to set ?up (?:network|sandbox container .{0,200}network)|plugin type="|networkPlugin cni|to CNI network|network is not ready|failed to create pod network sandbox/i;
const failing: ReadonlySet<string> = new Set(['FailedCreatePodSandBox', 'NetworkNotReady']);
/** What the kubelet says of a pod that has its network. */
const wired: ReadonlySet<string> = new Set(['Pulling', 'Pulled', 'Created', 'Started']);

/**
 * The last failure of a CNI plugin in the events of a pod; null: there is none, or the pod got its network after it.
 * @param events the oldest first
 */
export function cniFailureOf(events: readonly PodEvent[]): CniFailure | null {
  const at = events.findLastIndex(({ reason, message }) => failing.has(reason) && ofNetwork.test(message));
  const last = events[at];
  if (!last || events.slice(at + 1).some(({ reason }) => wired.has(reason))) return null;
  const { message } = last;
  const plugin = [...message.matchAll(/plugin type="([\w.-]{1,60})"/g)].at(-1)?.[1] ?? null;
  const isCalico = plugin === null || plugin.startsWith('calico');
  const found = isCalico ? phrases.find(([, phrase]) => phrase.test(message)) : undefined;
  const kind = found?.[0] ?? 'other';
  return { kind, plugin, said: tellingPart(message), at: last.at, count: last.count };
}

/** Behind the last of the wrappings that runtimes put around an error. */
function tellingPart(message: string): string {
  const ends = ['failed (add): ', '" network: ', 'message:', 'network is not ready: ', 'desc = ']
    .map((wrapping) => [message.lastIndexOf(wrapping), wrapping.length] as const)
    .find(([found]) => found >= 0);
  return (ends ? message.slice(ends[0] + ends[1]) : message).slice(0, 300).trim();
}
