/**
 * What the engineer of the first case did by hand, as a script: one step after the other, each over an SSH login of its
 * own, the time of thinking left out, and without the flush that broke the node's firewall. It runs in the operations
 * namespace with the bot's environment and prints a line of JSON a step.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createCluster } from '../../src/adapters/kubernetes.ts';
import type { KubernetesNode, Pod } from '../../src/model/kubernetes.ts';
import { hexAddress } from '../../src/probes/lib/capture-commands.ts';

const environment = process.env;
const cluster = createCluster({ kubeconfig: environment['KUBECONFIG'] ?? null });

/** One login, some requests to the helper one after the other, and the bytes that came back. */
async function login(address: string, requests: readonly string[], during?: () => Promise<void>): Promise<number> {
  const child = spawn('ssh', [
    '-i',
    environment['SSH_KEY_FILE'] ?? '',
    '-o',
    `UserKnownHostsFile=${environment['SSH_KNOWN_HOSTS_FILE'] ?? ''}`,
    '-o',
    'BatchMode=yes',
    `${environment['SSH_USER'] ?? 'root'}@${address}`,
    'sudo',
    '-n',
    '/usr/local/bin/calico-chatops-node',
  ]);
  let text = '';
  let wake: (() => void) | null = null;
  child.stdout.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1');
    wake?.();
  });
  const until = async (mark: RegExp) => {
    while (!mark.test(text)) await new Promise<void>((resolve) => (wake = resolve));
  };
  for (const [index, request] of requests.entries()) {
    child.stdin.write(`${index + 1} ${request}\n`);
    if (during) {
      await until(new RegExp(`^! ${index + 1}$`, 'm'));
      await during();
      child.stdin.write(`stop ${index + 1}\n`);
    }
    await until(new RegExp(`^= ${index + 1} `, 'm'));
  }
  child.stdin.end();
  await once(child, 'close');
  return text.length;
}

async function step(number: number, what: string, act: () => Promise<unknown>): Promise<void> {
  const began = performance.now();
  await act();
  console.log(JSON.stringify({ step: number, what, seconds: Math.round(performance.now() - began) / 1000 }));
}

const [namespace = 'default', podName = '', sourceNodeName = ''] = process.argv.slice(2);
const tables = readFileSync('/proc/net/ip_tables_names', 'utf8').trim() === '' ? 'nft-save' : 'legacy-save';
const nodes = await cluster.reader.list<KubernetesNode>({ apiVersion: 'v1', kind: 'Node' });
const addressOf = (name: string) =>
  nodes.ok ? (nodes.value.find(({ metadata }) => metadata.name === name)?.status?.addresses?.[0]?.address ?? '') : '';
let pod: Pod | null = null;
await step(1, 'the pod, its address and node', async () => {
  const answer = await cluster.reader.read<Pod>({ apiVersion: 'v1', kind: 'Pod', namespace, name: podName });
  pod = answer.ok ? answer.value : null;
});
const { spec, status } = pod ?? { spec: { nodeName: '' }, status: { podIP: '' } };
const [target, source, address] = [addressOf(spec.nodeName ?? ''), addressOf(sourceNodeName), status?.podIP ?? ''];
await step(2, 'routes of both nodes', async () => {
  await login(target, ['node-routes/routes-text']);
  await login(source, ['node-routes/routes-text']);
});
await step(3, "capture on the pod's node, three pings from the other", async () => {
  const hex = hexAddress(address);
  const capture =
    `tcpdump-flow interface=eth0 source=${source} destination=${address} sourceHex=${hexAddress(source)} ` +
    `tunnelHex=${hexAddress(source)} destinationHex=${hex} sourceNode=${source} targetNode=${target}`;
  await login(target, [capture], async () => {
    await login(
      source,
      [1, 2, 3].map(() => `ping size=56 nonce=00 address=${address}`),
    );
  });
});
await step(6, "the rules of the pod's node", () => login(target, [`node-rulesets/${tables}`]));
await step(7, 'the profile', () => login(target, [`calico-endpoint/profile name=kns.${namespace}`]));
await step(8, 'the profile again, after the change by hand', () =>
  login(target, [`calico-endpoint/profile name=kns.${namespace}`]),
);
let controller: Pod | undefined;
await step(9, "the controller's log", async () => {
  const pods = await cluster.reader.list<Pod>({
    apiVersion: 'v1',
    kind: 'Pod',
    labelSelector: 'k8s-app=calico-kube-controllers',
  });
  controller = pods.ok ? pods.value[0] : undefined;
  if (controller)
    await cluster.reader.podLog({
      namespace: controller.metadata.namespace ?? '',
      pod: controller.metadata.name,
      container: controller.spec.containers[0]?.name ?? '',
      tailLines: 300,
      limitBytes: 200_000,
    });
});
await step(10, "sockets on the controller's node", () =>
  login(addressOf(controller?.spec.nodeName ?? ''), ['ss-felix-health-port']),
);
await step(11, "the controller's account", () =>
  cluster.reader.accessReview({
    user: `system:serviceaccount:${controller?.metadata.namespace}:${controller?.spec.serviceAccountName}`,
    groups: [],
    group: '',
    resource: 'namespaces',
    verb: 'list',
  }),
);
await cluster.close();
process.exit(0);
