import { describe, expect, test } from '@jest/globals';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { packetOf } from '../../src/ruleset/walk/packet.ts';
import { walkHook } from '../../src/ruleset/walk/walk-hook.ts';

const packet = packetOf({ source: '10.0.0.1', destination: '10.0.0.2', protocol: 6, ctState: 'NEW' });

/** Whose the drop is that FORWARD leads to. */
function ownerOfDrop(chain: string, rule = '-j DROP') {
  const [declared, led] = chain === 'FORWARD' ? ['', ''] : [`:${chain} - [0:0]\n`, `[0:0] -A FORWARD -j ${chain}\n`];
  const save = `*filter\n:FORWARD ACCEPT [0:0]\n${declared}${led}[0:0] -A ${chain} ${rule}\nCOMMIT\n`;
  return walkHook([parseIptablesSave(save)], packet, 'FORWARD').owner;
}

describe('a foreign rule is named by who writes such rules', () => {
  test.each<[string, string, string | undefined]>([
    ['KUBE-SVC-ABCDEFGHIJKLMNOP', '-j DROP', 'kube-proxy'],
    ['KUBE-FORWARD', '-m conntrack --ctstate INVALID -j DROP', 'kube-proxy'],
    ['FORWARD', '-m comment --comment "default/web:http has no endpoints" -j REJECT', 'kube-proxy'],
    ['KUBE-FIREWALL', '-j DROP', 'kubelet'],
    ['KUBE-POD-FW-ABCDEFGHIJKLMNOP', '-j REJECT', 'kube-router'],
    ['KUBE-NWPLCY-ABCDEFGHIJKLMNOP', '-j DROP', 'kube-router'],
    ['KUBE-GUARD', '-j DROP', undefined],
    ['KUBE-SVC-my-own', '-j DROP', undefined],
    ['DOCKER-USER', '-j DROP', "the administrator, in Docker's chain for such rules"],
    ['DOCKER-ISOLATION-STAGE-2', '-j DROP', 'Docker'],
    ['DOCKER-COMPOSE-MINE', '-j DROP', undefined],
    ['ufw-before-forward', '-j DROP', 'ufw'],
    ['ts-forward', '-j DROP', 'Tailscale'],
    ['CILIUM_FORWARD', '-j DROP', 'Cilium'],
    ['FWDI_public_deny', '-j DROP', 'firewalld'],
    ['FORWARD_OUT_ZONES', '-j DROP', 'firewalld'],
    ['FLANNEL-FWD', '-j DROP', 'flannel'],
    ['WEAVE-NPC', '-j DROP', 'Weave Net'],
    ['WEAVER', '-j DROP', undefined],
    ['FORWARD', '-j DROP', undefined],
    ['FORWARD', '-m comment --comment "host firewall" -j DROP', undefined],
  ])('%s %s', (chain, rule, writer) => {
    // The packet may miss a rule that asks for a state: what counts is whose the rule is.
    const owner = ownerOfDrop(chain, rule.replace('-m conntrack --ctstate INVALID ', ''));
    expect([owner?.kind, owner?.writer]).toEqual(['foreign', writer]);
  });

  test.each([
    ['with its chains beside', ':DOCKER - [0:0]\n', 'Docker, whose chains are in this table'],
    ['with nothing that says so', '', undefined],
  ])("FORWARD's policy is Docker's %s", (_, chains, writer) => {
    const save = `*filter\n:FORWARD DROP [0:0]\n${chains}COMMIT\n`;
    expect(walkHook([parseIptablesSave(save)], packet, 'FORWARD').owner?.writer).toBe(writer);
  });
});

const unseen = (tag: string) =>
  `[0:0] -A FORWARD -i cali+ -m comment --comment "cali:${tag}" -m comment --comment "From workload without BPF seen mark" -m mark ! --mark 0x1000000/0x1000000 -j DROP\n`;

describe("a rule of Felix's in a chain of the kernel is Calico's by its tag", () => {
  const preapproved =
    '[0:0] -A FORWARD -m comment --comment "cali:umcmOn0WnTNOKJrp" -m comment --comment "Pre-approved by BPF programs." -m mark --mark 0x3000000/0x3000000 -j ACCEPT\n';
  test.each([
    ['genuine', 'NnQ109Z-tVFkJGc1', 'calico-static'],
    ['made up', 'NnQ109Z-tVFkJGc2', 'foreign'],
  ])('%s', (_, tag, kind) => {
    const save = `*filter\n:FORWARD ACCEPT [0:0]\n${preapproved}${unseen(tag)}COMMIT\n`;
    const result = walkHook([parseIptablesSave(save)], { ...packet, inInterface: 'cali123' }, 'FORWARD');
    expect([result.decision, result.rule?.index, result.owner?.kind]).toEqual(['drop', 2, kind]);
  });
});
