/**
 * What the probes' captures would have printed, from what a capture holds: the IPIP packets that left the source's node
 * and those that reached the target's are counted by Calico's own rules ("Allow IPIP packets …" in OUTPUT and INPUT);
 * of the plain packets between the nodes the scenarios say that they always passed.
 */
import { countersOf } from '../../src/ruleset/counters/rise.ts';
import { parseIptablesSave } from '../../src/ruleset/iptables/save.ts';
import { refOf } from '../../src/ruleset/walk/walk-state.ts';
import { isOfEbpf } from './capture-programs.ts';
import { targetNode, type Capture } from './capture.ts';

export function capturedPackets(
  capture: Capture,
  node: string,
  params: Readonly<Record<string, string>>,
): { stdout: string; stderr: string } {
  const inVxlan = vxlanRequests(capture, node);
  const allowed =
    inVxlan ??
    (node === targetNode
      ? riseOf(capture, node, 'cali-INPUT', 'Allow IPIP packets from Calico hosts')
      : riseOf(capture, node, 'cali-OUTPUT', 'Allow IPIP packets to other Calico hosts'));
  const around =
    inVxlan === null
      ? `${params['sourceNode']} > ${params['targetNode']}:`
      : `${params['sourceNode']}.58910 > ${params['targetNode']}.4789: VXLAN, flags [I] (0x08), vni 4096`;
  const lines = Array.from(
    { length: allowed },
    (_, seq) =>
      `18:00:00 IP ${around} IP ${params['source']} > ${params['destination']}: ICMP echo request, id 7, seq ${seq + 1}, length 64`,
  );
  // Where nothing counted the packets, nobody can say that none came.
  const control = (
    inVxlan === null && (countedBy(capture, node) === null || isOfEbpf(capture, node)) ? [] : [1, 2]
  ).map(
    (seq) =>
      `18:00:00.${seq} IP ${params['sourceNode']} > ${params['targetNode']}: ICMP echo request, id 900, seq ${seq}, length 900`,
  );
  return {
    stdout: [...lines, ...control].join('\n'),
    stderr: `listening on eth0\n${lines.length + control.length} packets captured\n0 packets dropped by kernel\n`,
  };
}

/** Echo requests of the client in a capture of the node's own interface; null: there is none of it. */
function vxlanRequests(capture: Capture, node: string): number | null {
  const text = capture.text(`${node}/tcpdump-eth0.txt`);
  return text === null ? null : [...text.matchAll(/10\.244\.2\.7 > 10\.244\.1\.5: ICMP echo request/g)].length;
}

function countedBy(capture: Capture, node: string): string | null {
  const saves = ['iptables-legacy-save-c.txt', 'iptables-nft-save-c.txt'];
  return saves.find((file) => /^\*/m.test(capture.text(`${node}/${file}`) ?? '')) ?? null;
}

function riseOf(capture: Capture, node: string, chainName: string, comment: string): number {
  const name = countedBy(capture, node);
  if (!name) return 0;
  const [before, after] = ['', 'after.'].map((prefix) =>
    parseIptablesSave(capture.text(`${node}/${prefix}${name}`) ?? '', { backend: 'iptables-legacy' }),
  );
  const table = before?.tables.find((candidate) => candidate.name === 'filter');
  const chain = table?.chains.find((candidate) => candidate.name === chainName);
  const rule = chain?.rules.find(({ comments }) => comments.some((text) => text.startsWith(comment)));
  if (!before || !after || !table || !chain || !rule) return 0;
  const ref = refOf({ ruleSet: before, table, chain }, rule);
  return (countersOf([after], ref)?.packets ?? 0) - (countersOf([before], ref)?.packets ?? 0);
}
