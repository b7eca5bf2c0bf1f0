import { describe } from '@jest/globals';
import { flagsOf, nameOf, type Cluster } from '../../tools/lab/cluster-kinds.ts';
import { calicoLabs, describeLab } from '../../tools/lab/harness.ts';

const realLabs = calicoLabs.filter((one) => one.calico === 'real');

/** One describe a backend on real Calico; skipped, by name, where LAB_CALICO_BIN does not say where that is. */
export const describeRealLabs =
  realLabs.length > 0
    ? describeLab.each(realLabs)
    : describe.skip.each([{ dataplane: 'any', calico: 'real', flags: [''] }]);

const manifest = { datastore: 'kubernetes', layout: 'manifest', nodeAccess: 'ssh', typha: false } as const;
/** Where the API server is the datastore: both ways to write rules, by both tunnels, and what else real Felix decides. */
const kubernetesClusters: readonly Cluster[] = [
  { ...manifest, dataplane: 'nft', encap: 'vxlan' },
  { ...manifest, dataplane: 'nftables', encap: 'vxlan' },
  { ...manifest, dataplane: 'nft', encap: 'ipip' },
  { ...manifest, dataplane: 'nftables', encap: 'ipip' },
  { ...manifest, dataplane: 'nft', encap: 'crosssubnet' },
];
const ofKubernetes = kubernetesClusters.map((cluster) => ({
  cluster,
  words: nameOf(cluster),
  flags: ['--real', ...flagsOf(cluster)],
}));

/** The same with the Kubernetes API as the datastore, one describe a kind of cluster. */
export const describeRealKubernetes =
  realLabs.length > 0 ? describeLab.each(ofKubernetes) : describe.skip.each(ofKubernetes);
