import { observed } from '../../model/evidence.ts';
import type { Namespace } from '../../model/kubernetes.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { evidenceOfAnswer } from '../../model/evidence-of.ts';
import { unavailableAnswer } from '../lib/evidence.ts';

export const apiServer = defineClusterProbe({
  id: 'api-server',
  description: 'Asks the API server for an answer. Without one, the verdict is never healthy.',
  kind: 'passive',
  place: 'cluster',
  essential: true,
  commands: [],
  reads: [{ verb: 'get', apiVersion: 'v1', kind: 'Namespace', where: 'cluster' }],
  needs: [],
  provides: ['api-server'],
  async read(look) {
    const answer = await look.cluster.read<Namespace>({
      apiVersion: 'v1',
      kind: 'Namespace',
      name: look.target.namespace,
    });
    // A refusal is an answer too.
    if (!answer.ok && answer.status === null) return { 'api-server': unavailableAnswer(answer) };
    return { 'api-server': observed({ answers: true }, [evidenceOfAnswer(answer, 'answered')]) };
  },
});
