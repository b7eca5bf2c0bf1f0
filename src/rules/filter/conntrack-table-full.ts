import { picking } from '../../model/evidence.ts';
import type { OneNode } from '../../model/fix-inputs.ts';
import type { Flow } from '../../model/flow.ts';
import { isFull } from '../../model/kernel-counters.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../../model/rule.ts';

export const conntrackTableFull = defineRule({
  id: 'conntrack-table-full',
  description: 'The table of tracked connections of a node is full, so that the kernel drops new ones.',
  step: 'filter',
  sharedBy: 'node',
  requires: ['flow'],
  considers: ['counter-readings', 'kernel-counters@target', 'kernel-counters@source'],
  fix: 'raise-connection-limit',
  advice: {
    who: 'the owner of node {node}',
    commands: [
      'conntrack -C; conntrack -S   # on {node}: does drop still rise?',
      "awk '{for(i=1;i<=NF;i++)if($i~/^src=/){print $i;break}}' /proc/net/nf_conntrack | sort | uniq -c | sort " +
        '-rn | head   # who has them?',
      'sysctl -w net.netfilter.nf_conntrack_max={wanted}   # on {node}: twice as many, about 320 bytes each; ' +
        'it fills again if the cause stays',
    ],
  },
  messages: {
    full: {
      title: 'The connection table of {node} is full: {count} of {max}',
      detail:
        'While the test packets were lost, the kernel of {node} dropped {dropped} packets for which it had no room ' +
        'in the table. Connections that are in it go on. New ones fail now and then, or always.',
    },
  },
  judge({ flow }, { 'counter-readings': read, ...counters }, evidence) {
    const nodes = [...new Set([flow.destination.node, flow.source.node])].filter((node) => node !== null);
    if (read.status === 'unavailable') {
      if (read.code !== 'not-applicable') return inconclusive(`not checked: ${read.reason}`);
      const tables = Object.values(counters).flatMap((one) => (one.status === 'observed' ? [one.value.conntrack] : []));
      const isRoomy = tables.length >= nodes.length && tables.every((table) => table !== null && !isFull(table));
      return isRoomy ? pass('the connection tables have room') : notApplicable(read.reason);
    }
    const readings = read.value;
    const findings = readings.flatMap(({ node, before, after }): RawFinding<'full', OneNode>[] => {
      const [first, last] = [before.conntrack, after.conntrack];
      if (!first || !last || !isFull(last) || last.dropped <= first.dropped) return [];
      return [
        {
          message: 'full',
          data: {
            node,
            count: String(last.count),
            max: String(last.max),
            dropped: String(last.dropped - first.dropped),
            wanted: String(last.max * 2),
          },
          subject: { kind: 'Node', name: node },
          node,
          proof: 'read',
          evidence: picking(
            evidence('counter-readings').filter((one) => one.node === node),
            /nf_conntrack/,
          ),
          stopsFlow: true,
          ...button(flow, node),
        },
      ];
    });
    if (findings.length > 0) return fail(...findings);
    const unread = nodes.find((name) => {
      const reading = readings.find(({ node }) => node === name);
      return !reading?.before.conntrack || !reading.after.conntrack;
    });
    return unread === undefined
      ? pass('the connection tables have room, or drop nothing')
      : inconclusive(`the connection table of ${unread} was not read twice`);
  },
});

function button({ source, destination }: Flow, node: string): Pick<RawFinding<never, OneNode>, 'fixInput' | 'noFix'> {
  const nodeAddress = [destination, source].find((end) => end.node === node)?.nodeAddress ?? null;
  return nodeAddress === null
    ? { noFix: `the address of node ${node} is not known` }
    : { fixInput: { node, nodeAddress } };
}
