/** Nodes that answer from a capture. What it does not hold is `not-recorded`, and so a blind spot. */
import { parse, stringify } from 'yaml';
import type { CommandRequest, RunningCommand, Transcript } from '../../src/model/command.ts';
import { LookError } from '../../src/model/look-error.ts';
import type { NodeShells } from '../../src/model/ports.ts';
import { parseIpLinks } from '../../src/probes/parse/ip-links.ts';
import { capturedPackets } from './capture-packets.ts';
import { capturedPrograms, isOfEbpf } from './capture-programs.ts';
import { capturedWay } from './capture-ways.ts';
import { groundTruth, readCapture, targetNode, type Capture } from './capture.ts';

interface Answer {
  readonly stdout: string;
  readonly stderr?: string;
  readonly exit?: number;
}

export function captureShells(capture: Capture): NodeShells {
  let asked: string | null = null;
  return {
    shell: ({ name }) => {
      const snapshots = new Map<string, number>();
      return {
        node: name,
        start(request) {
          if (request.command.id === 'ping-in-pod') asked ??= request.params['size'] ?? null;
          const running = runningOf(name, request, () => answer(capture, name, request, snapshots));
          return request.command.id === 'tcpdump-flow' ? untilStopped(running, () => asked) : running;
        },
      };
    },
    usage: () => ({}),
    close: async () => {},
  };
}

/** A capture tells at its end what was sent meanwhile: the scenario's pings stand for the run's own, and are as long. */
function untilStopped(running: RunningCommand, size: () => string | null): RunningCommand {
  const { promise, resolve } = Promise.withResolvers<void>();
  const result = Promise.all([running.result, promise]).then(([transcript]) => ({
    ...transcript,
    stdout: transcript.stdout.replaceAll(/, length 64$/gm, `, length ${Number(size() ?? 56) + 8}`),
  }));
  result.catch(() => undefined);
  return { ...running, result, stop: resolve };
}

function runningOf(node: string, request: CommandRequest, make: () => Answer | null): RunningCommand {
  const found = make();
  const command = request.command.argv
    .map((token) => token.replaceAll(/\{(\w+):\w+\}/g, (_, key: string) => request.params[key] ?? '?'))
    .join(' ');
  if (!found) {
    const missing = new LookError('not-recorded', `the capture does not hold: ${command}`);
    const rejected = Promise.reject(missing);
    rejected.catch(() => {});
    return { ready: rejected, result: rejected, stop: () => {} };
  }
  const { stdout, stderr = '', exit = 0 } = found;
  const result: Transcript = {
    node,
    command,
    at: '2026-11-23T18:00:00.000Z',
    durationMs: 1,
    exit,
    stdout,
    stderr,
    timedOut: false,
    truncated: false,
    file: null,
  };
  return { ready: Promise.resolve(), result: Promise.resolve(result), stop: () => {} };
}

/** The first snapshot of a run is the state before the scenario's pings, later ones are the `after` files. */
function answer(
  capture: Capture,
  node: string,
  { command, moment, params }: CommandRequest,
  snapshots: Map<string, number>,
): Answer | null {
  const file = (name: string): Answer | null => {
    const text = capture.text(`${node}/${name}`);
    return text === null ? null : { stdout: text };
  };
  const saved = (name: string): Answer | null => {
    const seen = snapshots.get(`${moment} ${name}`) ?? 0;
    snapshots.set(`${moment} ${name}`, seen + 1);
    return (moment === 'burst' && seen > 0 ? file(`after.${name}`) : null) ?? file(name);
  };
  // Where the API server is the datastore, nodes have no calicoctl as a rule.
  if (capture.datastore === 'kubernetes' && command.argv[0] === 'calicoctl')
    return { stdout: '', stderr: 'calicoctl: not found', exit: 127 };
  const programs = (isWhole: boolean): Answer | null => {
    const seen = snapshots.get(`${moment} programs`) ?? 0;
    snapshots.set(`${moment} programs`, seen + 1);
    const when = moment === 'burst' && seen > 0 ? 'after' : 'before';
    const links = parseIpLinks(capture.text(`${node}/ip-j-d-addr.txt`) ?? '[]');
    const device = links.find(({ index }) => index === Number.parseInt(params['index'] ?? '', 16))?.name;
    return capturedPrograms(capture, node, device ?? '', when, isWhole);
  };
  switch (command.id) {
    case 'bash-ebpf-interface':
      return programs(true);
    case 'bash-ebpf-counts':
      return programs(false);
    case 'ip-addr-show':
      return file('ip-j-d-addr.txt');
    case 'ip-netns-list':
      return namespaces(file('ip-j-d-addr.txt'));
    case 'ip-route-show':
      return file('ip-j-route.txt');
    case 'ip-route-show-text':
      return file('ip-route.txt');
    case 'ip-rule-show':
      return file('ip-rule.txt') ?? (isOfEbpf(capture, node) ? { stdout: rulesOfEbpf(node) } : null);
    // Only `main` was captured; the local table follows from the addresses.
    case 'ip-route-show-tables':
      return file('ip-j-route.txt');
    case 'ip-route-get-entering':
    case 'ip-route-get-own':
    case 'ip-route-get-pod-gateway':
      return capturedWay(capture, node, params);
    case 'ip-neighbour':
      return isOfEbpf(capture, node)
        ? { stdout: linesOf(capture.text(`${node}/ip-neigh.txt`), (line) => line.startsWith(`${params['address']} `)) }
        : { stdout: '' };
    case 'bridge-fdb':
      return isOfEbpf(capture, node)
        ? {
            stdout: linesOf(
              capture.text(`${node}/bridge-fdb-${params['interface']}.txt`),
              (line) => line !== '(no output)',
            ),
          }
        : null;
    // Nobody captured them: as on a kernel that says nothing of it.
    case 'grep-kernel-counters':
      return { stdout: '', exit: 2 };
    case 'cat-ip-tables-names':
      return {
        stdout: /^\*/m.test(capture.text(`${node}/iptables-legacy-save-c.txt`) ?? '')
          ? 'filter\nmangle\nnat\nraw\n'
          : '',
      };
    case 'iptables-legacy-save':
      return saved('iptables-legacy-save-c.txt');
    case 'iptables-nft-save':
      return saved('iptables-nft-save-c.txt') ?? { stdout: '' };
    case 'nft-list-chains':
      return {
        stdout: (capture.text(`${node}/nft-list-ruleset.txt`) ?? '')
          .split('\n')
          .filter((line) => /^table |^\}|^\tchain |^\t\}|^\t\ttype \S+ hook /.test(line))
          .join('\n'),
      };
    case 'nft-list-chain':
      return nftChain(saved('nft-list-ruleset-json.txt'), params);
    case 'nft-list-tables':
      return {
        stdout: (capture.text(`${node}/nft-list-ruleset.txt`) ?? '')
          .split('\n')
          .filter((line) => line.startsWith('table '))
          .map((line) => line.replace(' {', ''))
          .join('\n'),
      };
    case 'nft-list-table':
      return nftTable(saved('nft-list-ruleset-json.txt'), params['family'] ?? '', params['table'] ?? '');
    case 'ipset-save':
      return file('ipset-save.txt') ?? { stdout: '' };
    case 'curl-felix-liveness':
      return file('felix-liveness.txt');
    case 'curl-felix-readiness':
      return file('felix-readiness.txt');
    case 'bash-find-felix':
      if (isOfEbpf(capture, node)) return { stdout: felixAnswers(capture, node) ? '7 calico-felix\n' : '' };
      if (capture.text(`${node}/ss-nap.txt`) === null) return null;
      return {
        stdout: [...(capture.text(`${node}/ss-nap.txt`) ?? '').matchAll(/"(calico-felix)",pid=(\d+)/g)]
          .map((found) => `${found[2]} ${found[1]}`)
          .slice(0, 1)
          .join('\n'),
      };
    case 'ss-felix-health-port':
      if (isOfEbpf(capture, node))
        return {
          stdout: felixAnswers(capture, node) ? 'LISTEN 0 4096 127.0.0.1:9099 users:(("calico-felix",pid=7))\n' : '',
        };
      return {
        stdout: (capture.text(`${node}/ss-nap.txt`) ?? '')
          .split('\n')
          .filter((line) => /^tcp +LISTEN .*:9099 /.test(line))
          .map((line) => line.replace(/^tcp +/, ''))
          .join('\n'),
      };
    case 'calicoctl-get-workloadendpoint':
      return endpoint(capture, params['name'] ?? '');
    case 'calicoctl-get-node':
      return asYaml(object(capture.nodes, params['name'] ?? '', 'Node'));
    case 'calicoctl-get-profile':
      return object(capture.profiles, params['name'] ?? '', 'Profile');
    case 'calicoctl-get-networkpolicies':
      return policies(capture, params['namespace'] ?? '');
    case 'calicoctl-get-globalnetworkpolicies':
      return strip(capture.text('calicoctl/get-gnp-yaml.txt'));
    case 'calicoctl-get-tiers':
      return tiers(capture.text('calicoctl/get-tier-wide.txt'));
    // The captured clusters had none (the README names every object that was applied).
    case 'calicoctl-get-networksets':
    case 'calicoctl-get-globalnetworksets':
      return { stdout: 'items: []\n' };
    case 'calicoctl-get-networkset-names':
      return { stdout: 'NAMESPACE   NAME   \n\n' };
    case 'calicoctl-get-kubecontrollersconfiguration':
      return asYaml(firstOf(capture.text('calicoctl/get-kubecontrollersconfig-yaml.txt')));
    case 'calicoctl-get-ippools':
      return strip(capture.text('calicoctl/get-ippool-yaml.txt'));
    case 'calicoctl-get-clusterinformation':
      return {
        stdout: JSON.stringify(
          (capture.text('calicoctl/get-clusterinfo-yaml.txt') ?? '').includes('datastoreReady: true')
            ? { spec: { datastoreReady: true } }
            : {},
        ),
      };
    case 'calicoctl-version':
      return strip(capture.text('calicoctl/version.txt')) ?? { stdout: '' };
    case 'grep-datastore-type':
      return { stdout: `datastoreType: ${capture.datastore}` };
    case 'tcpdump-flow':
      return capturedPackets(capture, node, params);
    case 'bash-tcp-connect-in-pod':
      return reached(groundTruth(capture, params).tcpFrom.length > 0, 'tcp');
    case 'ping-in-pod':
      return reached(groundTruth(capture, params).fromClient, 'icmp');
    case 'ping':
      return reached(node === targetNode ? groundTruth(capture, params).fromOwnNode : true, 'icmp');
    default:
      return null;
  }
}

function linesOf(text: string | null, wanted: (line: string) => boolean): string {
  return (text ?? '').split('\n').filter(wanted).join('\n');
}

/** They were read once: no scenario changes them. */
function rulesOfEbpf(node: string): string {
  return readCapture('healthy-bpf').text(`${node}/ip-rule.txt`) ?? '';
}

/** The scenario that stopped Felix says so: its health port refused. */
function felixAnswers(capture: Capture, node: string): boolean {
  return /^HTTP\/1\.1 \d/.test(capture.text(`${node}/felix-liveness.txt`) ?? '');
}

function reached(got: boolean, kind: 'tcp' | 'icmp'): Answer {
  if (kind === 'tcp') return { stdout: '', exit: got ? 0 : 124 };
  return { stdout: `1 packets transmitted, ${got ? 1 : 0} received, ${got ? 0 : 100}% packet loss`, exit: got ? 0 : 1 };
}

function strip(text: string | null): Answer | null {
  return text === null ? null : { stdout: text.replace(/\nexit \d+\s*$/, '\n') };
}

function policies(capture: Capture, namespace: string): Answer {
  return {
    stdout: JSON.stringify({ items: capture.policies.filter(({ metadata }) => metadata.namespace === namespace) }),
  };
}

/** Only the table of tiers was captured; each had the default action of its kind (the built-in ones besides `default` pass). */
function tiers(table: string | null): Answer | null {
  if (table === null) return null;
  const items = [...table.matchAll(/^(\S+) +([\d.e+]+) *$/gm)].map(([, name = '', order]) => ({
    metadata: { name },
    spec: { order: Number(order), defaultAction: name.startsWith('kube-') ? 'Pass' : 'Deny' },
  }));
  return { stdout: JSON.stringify({ items }) };
}

/** The object of a list that has one. */
function firstOf(list: string | null): Answer {
  const { items = [] } = (parse(strip(list)?.stdout ?? '') ?? {}) as { readonly items?: readonly object[] };
  return { stdout: JSON.stringify(items[0] ?? null) };
}

function endpoint(capture: Capture, name: string): Answer {
  return object(capture.endpoints, name, 'WorkloadEndpoint');
}

function object(
  items: readonly { readonly metadata: { readonly name: string } }[],
  name: string,
  kind: string,
): Answer {
  const found = items.find((item) => item.metadata.name === name);
  return found
    ? { stdout: JSON.stringify(found) }
    : { stdout: 'null\n', stderr: `resource does not exist: ${kind}(${name}) with error: <nil>\n`, exit: 1 };
}

function nftChain(whole: Answer | null, { family, table, chain }: Readonly<Record<string, string>>): Answer | null {
  const listed = nftTable(whole, family ?? '', table ?? '');
  if (!listed) return null;
  const { nftables } = JSON.parse(listed.stdout) as { nftables: Record<string, { chain?: string; name?: string }>[] };
  const own = nftables.filter((entry) => entry['chain']?.name === chain || entry['rule']?.chain === chain);
  return own.length === 0 ? null : { stdout: JSON.stringify({ nftables: own }) };
}

/** As calicoctl prints it. */
function asYaml(answer: Answer): Answer {
  return answer.exit === undefined ? { ...answer, stdout: stringify(JSON.parse(answer.stdout)) } : answer;
}

function nftTable(whole: Answer | null, family: string, table: string): Answer | null {
  if (!whole) return null;
  const { nftables } = JSON.parse(whole.stdout) as {
    nftables: Record<string, { family?: string; table?: string; name?: string }>[];
  };
  const belongs = (entry: Record<string, { family?: string; table?: string; name?: string }>) =>
    Object.entries(entry).some(
      ([kind, value]) =>
        kind === 'metainfo' || (value.family === family && (kind === 'table' ? value.name : value.table) === table),
    );
  return { stdout: JSON.stringify({ nftables: nftables.filter(belongs) }) };
}

/** The captures' pods lived in namespaces that their nodes do not name; a node with a container runtime names them. */
function namespaces(links: Answer | null): Answer | null {
  if (!links) return null;
  const parsed = JSON.parse(links.stdout) as { ifname?: string; link_netnsid?: number }[];
  return {
    stdout: JSON.stringify(
      parsed.flatMap(({ ifname, link_netnsid: id }) =>
        /^(?:cali|eni|azv|lxc|veth)/.test(ifname ?? '') && id !== undefined ? [{ name: `cni-${ifname}`, id }] : [],
      ),
    ),
  };
}
