/**
 * A command that may be run on a node, as a template. Tokens of `argv` may hold placeholders `{name:type}`; the node's
 * helper accepts only templates of its allow-list (generated from these) and checks every value against its type.
 */
export interface CommandTemplate {
  readonly argv: readonly string[];
  /** Seconds after which the node ends the command (SIGTERM, then SIGKILL). At most 60. */
  readonly timeoutSeconds: number;
  /** Bytes of standard output kept; more is a blind spot, not a longer wait. */
  readonly maxBytes: number;
  /** A line of standard error that says the command is under way (a capture that is listening). */
  readonly readyWhen?: string;
  /**
   * What the command reads on standard input: a JSON document on one line, with placeholders inside its strings. A
   * request gives values only, never text of its own. `{,name:type}` stands for more members of an object, from
   * `KEY=VALUE,…`.
   */
  readonly input?: string;
  /** Changes something: only a fix may use it, and an operator may leave it out of the allow-list. */
  readonly writes?: boolean;
}

/** A command that may run on a node: its id stands in the node's allow-list and in saved cases, and never changes. */
export interface Command<I extends string = string> extends CommandTemplate {
  /** The tool first: `iptables-legacy-save`. */
  readonly id: I;
}

/** Keeps the id's own type, so that a probe can run only the commands that it declares. */
export function defineCommand<const I extends string>(command: Command<I>): Command<I> {
  return command;
}

/** A whole number from 0 to 255, without a leading zero: resolvers read `010` as 8, and look up `256` as a name. */
const byte = '(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
/** The first two bytes of a host's address: not 0, 127 (loopback), 169.254 (link-local) or from 224 (multicast). */
const hostByte = '(?:[1-9]|[1-9][0-9]|1[013-5][0-9]|12[0-689]|16[0-8]|1[78][0-9]|19[0-9]|2[01][0-9]|22[0-3])';
const not254 = '(?:25[0-35]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const hostNetwork = `(?:${hostByte}\\.${byte}|169\\.${not254})`;
/** One group of an IPv6 address in its shortest form. */
const group = '(?:0|[1-9a-f][0-9a-f]{0,3})';

/** What may stand behind the first group of an address: seven more, or fewer around a `::`. */
const behindOne = [
  `(?::${group}){7}`,
  `::(?:${group}(?::${group}){0,5})?`,
  `:${group}::(?:${group}(?::${group}){0,4})?`,
  `(?::${group}){2}::(?:${group}(?::${group}){0,3})?`,
  `(?::${group}){3}::(?:${group}(?::${group}){0,2})?`,
  `(?::${group}){4}::(?:${group}(?::${group})?)?`,
  `(?::${group}){5}::(?:${group})?`,
  `(?::${group}){6}::`,
].join('|');
/** An IPv6 address that a host of another network can have: global (2000::/3), or of a site (fc00::/7). */
const hostAddress6 = `(?:[23][0-9a-f]{3}|f[cd][0-9a-f]{2})(?:${behindOne})`;
/**
 * Addresses at which clouds tell machines their secrets. Of IPv6: the networks of AWS (fd00:ec2::254 and others) and
 * Google (fd20:ce::254), and one address each of Oracle (fd00:c1::a9fe:a9fe), Scaleway (fd00:42::42), Akamai
 * (fd00:a9fe:a9fe::1) and Alibaba (fd00:100::100:200), beside which pods of others live. `[0:]*` spells zeros in every
 * way. Of IPv4, outside 169.254.0.0/16: Alibaba (100.100.100.200) and Oracle's classic machines (192.0.0.192). Azure's
 * 168.63.129.16 is not here: it is the name server of every machine there, which people ask about. Sources:
 * cloud-init's data sources, and the documentation of these clouds.
 */
const cloudSecrets = [
  String.raw`100\.100\.100\.200`,
  String.raw`192\.0\.0\.192`,
  '(?:fd00:ec2|fd20:ce):.*',
  'fd00:c1:[0:]*a9fe:a9fe',
  'fd00:42:[0:]*42',
  'fd00:a9fe:a9fe:[0:]*1',
  'fd00:100:[0:]*100:200',
].join('|');
const label = '[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?';
const subdomain = '[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?';
/** A label of a Kubernetes object as Calico's profiles carry it: `PREFIX.KEY=VALUE`. */
const labelPair = `(?:${subdomain}/)?${label}=(?:${label})?`;

/** What a placeholder may hold, unless `refusedValues` has it. The node's helper checks both. */
export const parameterPatterns = {
  /** An address that a host of another network can have, of IPv6 in its shortest form. */
  address: new RegExp(`^(?:${hostNetwork}\\.${byte}\\.${byte}|${hostAddress6})$`),
  interface: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,14}$/,
  /** The node's end of a pod's interface as Calico's CNI plugin names it, and no other interface of a node. */
  podlink: /^cali[0-9a-f]{11}$/,
  netns: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$/,
  name: /^[A-Za-z0-9][A-Za-z0-9_.-]{0,252}$/,
  set: /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,30}$/,
  /**
   * A chain or a table of a packet filter, as nft's grammar takes names (nftables, src/scanner.l): `ufw/before` is one.
   */
  chain: /^[A-Za-z_][A-Za-z0-9_-]{0,127}(?:[./][A-Za-z0-9_-]{1,63}){0,8}$/,
  /** A family of nftables. */
  family: /^(?:ip|ip6|inet|arp|bridge|netdev)$/,
  number: /^\d{1,5}$/,
  hex: /^[0-9a-f]{1,32}$/,
  namespace: /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
  account: new RegExp(`^${subdomain}$`),
  /** A profile that Calico's controller makes: of a namespace or of a service account. */
  profile: /^k(?:ns|sa)\.[a-z0-9](?:[a-z0-9.-]{0,247}[a-z0-9])?$/,
  uid: /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
  /** A resourceVersion of etcd. */
  revision: /^[1-9]\d{0,18}$/,
  nslabel: new RegExp(`^pcns\\.${labelPair}$`),
  salabel: new RegExp(`^pcsa\\.${labelPair}$`),
  /** A namespace's label in the profiles of Calico 2.x: the policy controller and the later controllers spell it so. */
  oldlabel: new RegExp(`^(?:k8s_ns/label/|pcns\\.)${labelPair}$`),
} as const;
export type ParameterType = keyof typeof parameterPatterns;
/** What a placeholder never holds, though its pattern fits. */
export const refusedValues: Partial<Record<ParameterType, RegExp>> = {
  address: new RegExp(`^(?:${cloudSecrets})$`),
};

/** May a placeholder of the type hold the value, as far as the text says? The node compares some types with itself. */
export function isOfType(type: ParameterType, value: string): boolean {
  return parameterPatterns[type].test(value) && refusedValues[type]?.test(value) !== true;
}

/** Types whose values are `KEY=VALUE`: for lists of members only. */
export const pairTypes: ReadonlySet<ParameterType> = new Set<ParameterType>(['nslabel', 'salabel', 'oldlabel']);
/** How many values a list may hold. */
export const mostPairs = 64;
/**
 * Types that the helper also compares with the node, by the name of its check. `network-device`: a device of
 * /sys/class/net that is not `lo`; tcpdump takes other names (`any`, `nfqueue`, a number) for devices of its own.
 * `other-network`: not a name of the node's own network, which people give it as well: what is done in a pod would be
 * done to the node.
 */
export const nodeChecks: Partial<Record<ParameterType, 'network-device' | 'other-network'>> = {
  interface: 'network-device',
  podlink: 'network-device',
  netns: 'other-network',
};

/**
 * `first`: as the run finds the node. `burst`: around the packets that a diagnosis sends. `later`: after a wait.
 * `control`: around a fix.
 */
export const moments = ['first', 'burst', 'later', 'control'] as const;
export type Moment = (typeof moments)[number];

/** One command asked for, with the values of its placeholders. */
export interface CommandRequest {
  readonly command: Command;
  /** When in a run: what one command says at two moments may differ, and a saved case keeps the two apart. */
  readonly moment: Moment;
  /** By placeholder; a list as `KEY=VALUE,…`, empty for none. */
  readonly params: Readonly<Record<string, string>>;
}

/** What came back. `exit` null: the outcome is unknown or a signal ended it (see `timedOut`). */
export interface Transcript {
  readonly node: string;
  /** The command line as run. */
  readonly command: string;
  /** ISO 8601, UTC. */
  readonly at: string;
  readonly durationMs: number;
  readonly exit: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly timedOut: boolean;
  readonly truncated: boolean;
  /** Where a saved case holds it, or null. */
  readonly file: string | null;
}

export interface RunningCommand {
  /** Settles when `readyWhen` was seen (at once for templates without it); rejects when the command ends before. */
  readonly ready: Promise<void>;
  /** Rejects with a LookError only when the outcome is unknown (connection, helper); a non-zero exit resolves. */
  readonly result: Promise<Transcript>;
  /** Ends the command (a capture that has seen enough); its result still arrives. */
  stop(): void;
}
