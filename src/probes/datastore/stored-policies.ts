import { observed, type Evidence } from '../../model/evidence.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { datastoreKindOf } from '../lib/datastore-kind-of.ts';
import { endPolicyReads, readEndPolicies } from '../lib/end-policies.ts';
import { policyObjectCommands } from '../lib/policy-object-reading.ts';
import { readStagedPolicies, stagedPolicyReads } from '../lib/staged-policies.ts';

export const storedPolicies = defineClusterProbe({
  id: 'stored-policies',
  description:
    'Every policy, tier and network set that can judge the pod or the asked source, and the staged policies of the ' +
    'pod. Read for the command `policy` alone.',
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: policyObjectCommands,
  reads: [...endPolicyReads, ...stagedPolicyReads],
  needs: ['datastore-kind'],
  uses: ['datastore'],
  // With etcd, one client answers for both ends.
  runsOn: ['target'],
  provides: ['stored-policies'],
  async read(look, facts) {
    const { namespace, from } = look.target;
    const home = facts.get('datastore-kind');
    const peer = from?.kind === 'pod' ? from.namespace : null;
    const namespaces = [...new Set([namespace, ...(peer === null ? [] : [peer])])];
    const source = {
      cluster: look.cluster,
      home,
      run: (...asked: Parameters<ReturnType<typeof look.on>['run']>) => look.on('target').run(...asked),
      kind: () => datastoreKindOf(home, () => facts.ask('datastore')),
    };
    const [staged, ...ends] = await Promise.all([
      readStagedPolicies(look.cluster, home, namespace),
      ...namespaces.map((one) => readEndPolicies(source, one, namespaces)),
    ]);
    const evidence: Evidence[] = [];
    const objects = ends.map(({ evidence: seen, ...found }) => {
      evidence.push(...seen);
      return found;
    });
    const [target, other = target] = objects;
    if (!target) throw new Error('the policies of no namespace were read');
    return {
      'stored-policies': observed({ target, source: peer === null ? null : (other ?? null), staged }, evidence),
    };
  },
});
