import type { WorkloadEndpoint } from '../../model/calico.ts';
import { picking, type Fact } from '../../model/evidence.ts';
import { nodeName } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, pass, type RawFinding } from '../../model/rule.ts';
import { partsData } from '../lib/calico-parts.ts';

/** Source: felix/config/config_params.go, at Felix's start. */
const ownName = /Parsed value for FelixHostname: ([^\s(]{1,253}) \(from /;

export const nodeNameMismatch = defineRule({
  id: 'node-name-mismatch',
  description:
    'Felix uses another name for its node than the CNI plugin, so it takes pods of the node for those of another node.',
  step: 'felix',
  sharedBy: 'node',
  requires: ['flow', 'node-names'],
  considers: ['felix-log@target', 'felix-log@source', 'endpoint', 'source-endpoint', 'install'],
  withholds: ['nodeName'],
  advice: {
    who: 'a cluster administrator',
    commands: [
      'kubectl -n {calicoNamespace} get daemonset {calicoNode} -o yaml   # NODENAME and FELIX_FELIXHOSTNAME ' +
        'must come from spec.nodeName',
      'cat /var/lib/calico/nodename; hostname   # on {node}: what the CNI plugin and the kernel call it',
      'calicoctl get node -o wide   # is {felix} there beside {plugin}? Delete the wrong one once the names agree',
    ],
  },
  messages: {
    differs: {
      title: 'Felix calls node {node} {felix}, and the CNI plugin calls it {plugin}',
      detail:
        'Endpoints of the pods there are on {plugin}. Felix programs those of {felix} alone, so it knows no pod of ' +
        'this node and drops their packets.',
    },
  },
  judge({ flow, 'node-names': names }, considered, evidence) {
    const doubts: string[] = [];
    const findings = names.flatMap(({ node, plugin, felix: told }): RawFinding<'differs'>[] => {
      const place = node === flow.destination.node ? ('target' as const) : ('source' as const);
      const log = considered[`felix-log@${place}`];
      // A Felix that logs much has soon said so too long ago.
      const felix = told ?? (log.status === 'observed' ? felixNameIn(log.value) : null);
      const said = plugin ?? nodeOf(considered[place === 'target' ? 'endpoint' : 'source-endpoint']);
      if (felix === null || said === null) {
        doubts.push(`what ${felix === null ? 'Felix' : 'the CNI plugin'} calls ${node} is not known`);
        return [];
      }
      if (felix === said) return [];
      return [
        {
          message: 'differs',
          data: { ...partsData(considered.install), node, felix, plugin: said },
          subject: { kind: 'Node', name: node },
          node,
          proof: 'read',
          evidence: [
            ...evidence('node-names').filter((one) => one.node === node),
            ...(told === null ? picking(evidence(`felix-log@${place}`), ownName) : []),
          ],
          stopsFlow: false,
          withholds: [nodeName(node)],
        },
      ];
    });
    if (findings.length > 0) return fail(...findings);
    return doubts.length > 0 ? inconclusive(doubts.join('; ')) : pass('Felix and the CNI plugin agree on the name');
  },
});

/** Of the last start that the log still has. */
function felixNameIn(log: readonly string[]): string | null {
  const line = log.findLast((one) => ownName.test(one));
  return line === undefined ? null : (ownName.exec(line)?.[1] ?? null);
}

function nodeOf(endpoint: Fact<WorkloadEndpoint | null>): string | null {
  return endpoint.status === 'observed' ? (endpoint.value?.spec.node ?? null) : null;
}
