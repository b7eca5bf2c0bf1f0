/** What was captured from manifests, as the operator would have installed it: no calicoctl on the nodes. */
import { describe, expect, test } from '@jest/globals';
import type { FlowPort } from '../../src/model/target.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { readCapture } from './capture.ts';
import { hidingTools } from './hidden-tools.ts';
import { captureDeps, judgeCapture } from './judge-capture.ts';
import { inOperatorLayout } from './operator-layout.ts';

const web: FlowPort = { protocol: 'tcp', number: 8080 };

async function judged(name: string, linuxDataplane?: string, port: FlowPort | null = null): Promise<Verdict> {
  const deps = captureDeps(readCapture(name));
  const shells = hidingTools(deps.shells, ['calicoctl']);
  return judgeCapture({ ...deps, shells, cluster: inOperatorLayout(deps.cluster, linuxDataplane) }, { port });
}
const found = ({ verdict, flow, roots, latent }: Verdict) => [
  verdict,
  flow,
  ...[...roots, ...latent].map(({ rule }) => rule),
];

describe('what works is healthy', () => {
  test.each<[string, string, string]>([
    ['healthy-legacy', 'Iptables', 'dataplane iptables-legacy'],
    ['healthy-nft', 'Iptables', 'dataplane iptables-nft'],
    ['healthy-kdd-nft', 'Iptables', 'dataplane iptables-nft'],
    ['healthy-nftables', 'Nftables', 'dataplane nftables'],
    ['healthy-vxlan-legacy', 'Iptables', 'dataplane iptables-legacy'],
    ['healthy-bpf', 'BPF', 'dataplane eBPF'],
  ])('%s', async (name, linuxDataplane, dataplane) => {
    const verdict = await judged(name, linuxDataplane);
    expect(found(verdict)).toEqual(['healthy', 'works']);
    expect(verdict.setup).toMatchObject({ install: 'operator', namespace: 'calico-system', datastore: 'kubernetes' });
    expect(verdict.setup?.summary).toContain('installed by an operator (Installation default) in calico-system');
    expect(verdict.setup?.summary).toContain(dataplane);
  });
});

describe('eBPF: its programs judge, and packet filters do not', () => {
  test.each(['BPF', undefined])('with linuxDataplane %s', async (linuxDataplane) => {
    const verdict = await judged('policy-denies-ingress-bpf', linuxDataplane, web);
    const rules = [...verdict.roots, ...verdict.consequences, ...verdict.latent].map(({ rule }) => rule);
    for (const rule of ['foreign-rule-drops', 'calico-guard-drops', 'calico-hooks-missing', 'pod-profile-missing'])
      expect(rules).not.toContain(rule);
    expect(rules).toEqual(['policy-denies-ingress']);
  });
});
