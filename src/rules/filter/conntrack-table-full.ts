import { picking } from '../../model/evidence.ts';
import { defineRule, fail, inconclusive, pass, type RawFinding } from '../../model/rule.ts';

/** The kernel makes room by dropping old entries, so the count of a full table stays a little below its bound. */
const fullShare = 0.98;

export const conntrackTableFull = defineRule({
  id: 'conntrack-table-full',
  description: 'The table of tracked connections of a node is full, so that the kernel drops new ones.',
  step: 'filter',
  requires: ['flow', 'counter-readings'],
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
  judge({ flow, 'counter-readings': readings }, _considered, evidence) {
    const findings = readings.flatMap(({ node, before, after }): RawFinding<'full'>[] => {
      const [first, last] = [before.conntrack, after.conntrack];
      if (!first || !last || last.count < last.max * fullShare || last.dropped <= first.dropped) return [];
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
        },
      ];
    });
    if (findings.length > 0) return fail(...findings);
    const nodes = [...new Set([flow.destination.node, flow.source.node])].filter((node) => node !== null);
    const unread = nodes.find((name) => {
      const reading = readings.find(({ node }) => node === name);
      return !reading?.before.conntrack || !reading.after.conntrack;
    });
    return unread === undefined
      ? pass('the connection tables have room, or drop nothing')
      : inconclusive(`the connection table of ${unread} was not read twice`);
  },
});
