import { expect, test } from '@jest/globals';
import { proposedAccess, type SeenNode } from '../../src/cli/init/proposed-access.ts';

const node = (address: string | null, ...labels: readonly string[]): SeenNode => ({
  address,
  labels: Object.fromEntries(labels.map((label) => [label, 'x'])),
});
const three = [node('192.0.2.1'), node('192.0.2.2'), node('192.0.2.3')];

async function proposed(nodes: readonly SeenNode[], answering: readonly string[]) {
  const asked: string[] = [];
  const proposal = await proposedAccess(nodes, async (address) => {
    asked.push(address);
    return answering.includes(address);
  });
  return { ...proposal, asked };
}

test.each([
  ['all', ['192.0.2.1', '192.0.2.2', '192.0.2.3'], 'ssh', 'SSH answers on 3 of 3 nodes that were tried.'],
  ['one', ['192.0.2.2'], 'ssh', 'SSH answers on 1 of 3 nodes that were tried.'],
  ['none', [], 'agent', 'SSH answers on none of 3 nodes that were tried from this machine.'],
] as const)('%s of the nodes answers SSH', async (_, answering, via, why) => {
  expect(await proposed(three, answering)).toMatchObject({ via, why });
});

test('nodes without an address are read by the agent', async () => {
  expect(await proposed([node(null)], [])).toMatchObject({ via: 'agent', asked: [] });
});

test.each([
  ['cloud.google.com/gke-nodepool', 'GKE'],
  ['eks.amazonaws.com/nodegroup', 'EKS'],
  ['kubernetes.azure.com/cluster', 'AKS'],
  ['doks.digitalocean.com/node-id', 'DigitalOcean'],
  ['ibm-cloud.kubernetes.io/worker-id', 'IBM Cloud'],
])('the agent for nodes with %s, without trying SSH', async (label, provider) => {
  const { via, why, asked } = await proposed([node('192.0.2.1'), node('192.0.2.2', label)], ['192.0.2.1']);
  expect([via, asked, why]).toEqual(['agent', [], expect.stringContaining(`${provider} manages the nodes`)]);
});

test('a label that a cloud also sets where the nodes are your own proposes nothing', async () => {
  expect(await proposed([node('192.0.2.1', 'topology.kubernetes.io/zone')], ['192.0.2.1'])).toMatchObject({
    via: 'ssh',
  });
});

test('in a large cluster it tries ten nodes', async () => {
  const many = Array.from({ length: 500 }, (_, at) => node(`192.0.2.${at % 250}`));
  expect((await proposed(many, [])).asked).toHaveLength(10);
});
