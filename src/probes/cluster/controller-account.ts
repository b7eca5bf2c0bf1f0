import { observed } from '../../model/evidence.ts';
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import type { KubernetesObject } from '../../model/kubernetes.ts';
import { LookError } from '../../model/look-error.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { unavailableAnswer } from '../lib/evidence.ts';

export const controllerAccount = defineClusterProbe({
  id: 'controller-account',
  description: "The service account of Calico's controller, which may not exist.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [],
  reads: [{ verb: 'get', apiVersion: 'v1', kind: 'ServiceAccount', where: 'calico' }],
  needs: ['controller'],
  provides: ['controller-account'],
  async read(look, facts) {
    const { account } = facts.get('controller');
    if (!account) throw new LookError('not-applicable', 'no controller is installed');
    const answer = await look.cluster.read<KubernetesObject>({ apiVersion: 'v1', kind: 'ServiceAccount', ...account });
    if (!answer.ok && answer.status !== 404) return { 'controller-account': unavailableAnswer(answer) };
    const state = answer.ok ? 'present' : 'absent';
    return { 'controller-account': observed({ ...account, state }, [evidenceOfAnswer(answer, state)]) };
  },
});
