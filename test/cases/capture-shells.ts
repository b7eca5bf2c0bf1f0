/** Nodes that answer from a capture. What it does not hold is `not-recorded`, and so a blind spot. */
import type { CommandRequest, RunningCommand, Transcript } from '../../src/model/command.ts';
import { LookError } from '../../src/model/look-error.ts';
import type { NodeShells } from '../../src/model/ports.ts';
import { asYaml, firstOf, namespaces, nftChain, nftTable, strip, tiers, type Answer } from './capture-answers.ts';
import { capturedPackets } from './capture-packets.ts';
import { ebpfAnswer } from './capture-programs.ts';
import { capturedWay } from './capture-ways.ts';
import { groundTruth, targetNode, type Capture } from './capture.ts';

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
  const own = ebpfAnswer(capture, node, { command, moment, params }, snapshots);
  if (own !== undefined) return own;
  switch (command.id) {
    case 'ip-addr-show':
      return file('ip-j-d-addr.txt');
    case 'ip-netns-list':
      return namespaces(file('ip-j-d-addr.txt'));
    case 'ip-route-show':
      return file('ip-j-route.txt');
    case 'ip-route-show-text':
      return file('ip-route.txt');
    case 'ip-rule-show':
      return file('ip-rule.txt');
    // Only `main` was captured; the local table follows from the addresses.
    case 'ip-route-show-tables':
      return file('ip-j-route.txt');
    case 'ip-route-get-entering':
    case 'ip-route-get-own':
    case 'ip-route-get-pod-gateway':
      return capturedWay(capture, node, params);
    case 'ip-neighbour':
      return { stdout: '' };
    // Nobody captured them: as on a kernel that says nothing of it.
    case 'grep-kernel-counters':
      return { stdout: '', exit: 2 };
    case 'tc-qdisc-show':
      return { stdout: '' };
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
      if (capture.text(`${node}/ss-nap.txt`) === null) return null;
      return {
        stdout: [...(capture.text(`${node}/ss-nap.txt`) ?? '').matchAll(/"(calico-felix)",pid=(\d+)/g)]
          .map((found) => `${found[2]} ${found[1]}`)
          .slice(0, 1)
          .join('\n'),
      };
    case 'ss-felix-health-port':
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

function reached(got: boolean, kind: 'tcp' | 'icmp'): Answer {
  if (kind === 'tcp') return { stdout: '', exit: got ? 0 : 124 };
  return { stdout: `1 packets transmitted, ${got ? 1 : 0} received, ${got ? 0 : 100}% packet loss`, exit: got ? 0 : 1 };
}

function policies(capture: Capture, namespace: string): Answer {
  return {
    stdout: JSON.stringify({ items: capture.policies.filter(({ metadata }) => metadata.namespace === namespace) }),
  };
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
