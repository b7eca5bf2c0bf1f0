import type { WorkloadEndpoint } from '../../model/calico.ts';
import type { Denial } from '../../model/denial.ts';
import type { Fact } from '../../model/evidence.ts';
import type { FelixState } from '../../model/control-plane.ts';
import type { FelixOfPod } from '../../model/fix-inputs.ts';
import { defineRule, fail, pass, type RawFinding } from '../../model/rule.ts';
import { datastore, felixOf, nodeRules, programming, typhaOf } from '../../model/resource.ts';
import { calicoNodeLog, calicoNodePod, partsData } from '../lib/calico-parts.ts';
import { unprogrammed } from '../lib/denials.ts';
import { felixButton, podOn } from '../lib/felix-button.ts';
import { whyNotLive } from '../lib/felix-live.ts';
import { ruleWords } from '../../model/rule-words.ts';

export const felixNotRunning = defineRule({
  id: 'felix-not-running',
  description: 'Felix does not run on the node, or its liveness check fails.',
  step: 'felix',
  requires: ['pod', 'felix@target'],
  considers: [
    'flow',
    'felix@source',
    'denials',
    'endpoint',
    'source-endpoint',
    'expected-decisions',
    'install',
    'datastore-kind',
    'calico-node-access',
  ],
  lacks: ['datastore/felix', 'typha', 'nodeRules'],
  withholds: ['felix', 'programming'],
  fix: 'restart-felix',
  advice: {
    who: 'the owner of node {node}',
    commands: [calicoNodePod, calicoNodeLog(100)],
  },
  messages: {
    latent: {
      title: 'Felix is not running on {node}',
      detail: '{why} Its old rules stay in place. Nobody programs new pods, policies or profiles there.',
    },
    stops: {
      title: 'Felix is not running on {node} and has not programmed this pod',
      detail:
        '{why} The packet ends at "Unknown interface" ({rule}), because Felix has not programmed the interface ' +
        'of this pod.',
    },
    outdated: {
      title: 'Felix is not running on {node}, and its rules there are outdated',
      detail: '{why} The packet ends at {rule}, an old rule of Felix. The datastore allows it now: {by}.',
    },
  },
  judge({ pod, 'felix@target': target }, considered, evidence) {
    const { flow, 'felix@source': source, denials, install } = considered;
    const around = { home: considered['datastore-kind'], access: considered['calico-node-access'] };
    // Felix that does not run programs no pod, also where nobody could read its endpoint.
    const hasEndpoint = (end: Denial['end']) => {
      const stored: Fact<WorkloadEndpoint | null> = considered[end === 'source' ? 'source-endpoint' : 'endpoint'];
      return stored.status !== 'observed' || stored.value !== null;
    };
    const findings: RawFinding<'latent' | 'stops' | 'outdated', FelixOfPod>[] = [];
    const check = (node: string | null, felix: FelixState, key: 'felix@target' | 'felix@source') => {
      const why = whyNotLive(felix);
      if (!why || !node || findings.some((finding) => finding.node === node)) return;
      const missed = unprogrammed(denials, node, hasEndpoint);
      findings.push({
        message: missed ? (missed.class === 'unknown-interface' ? 'stops' : 'outdated') : 'latent',
        data: {
          ...partsData(install),
          node,
          why,
          rule: missed ? ruleWords(missed.rule) : '',
          by: missed?.expected?.by ?? '',
        },
        subject: { kind: 'Node', name: node },
        node,
        proof: 'read',
        evidence: [
          ...evidence(key),
          ...(missed?.evidence ?? []),
          ...(missed && missed.class !== 'unknown-interface' ? evidence('expected-decisions') : []),
        ],
        stopsFlow: missed !== null,
        lacks: [datastore('felix', node), typhaOf(node), nodeRules(node)],
        withholds: [felixOf(node), programming(node)],
        ...felixButton(flow.status === 'observed' ? podOn(flow.value, node) : undefined, around),
      });
    };
    check(pod.spec.nodeName ?? null, target, 'felix@target');
    if (flow.status === 'observed' && source.status === 'observed')
      check(flow.value.source.node, source.value, 'felix@source');
    return findings.length > 0 ? fail(...findings) : pass('Felix is live');
  },
});
