/** The first case with the plans that its fixes draft, from the question to the last word. */
import { createPodProfile } from '../../src/fixes/create-pod-profile/create-pod-profile.ts';
import { profileObject, profileOwner } from '../../src/fixes/kit/profile-object.ts';
import { grantControllerRbac } from '../../src/fixes/grant-controller-rbac/grant-controller-rbac.ts';
import type { Fix, FixPlan, PlanRecord, PlanState } from '../../src/model/fix.ts';
import type { FixInput } from '../../src/model/fix-inputs.ts';
import type { RunEventBody } from '../../src/model/runs.ts';
import { samplePlan } from '../support/sample-plan.ts';
import { proposed } from '../support/signing.ts';
import type { PathHop } from '../../src/model/verdict.ts';
import { at, forbidden, profileMissing, sampleHop, sampleRun, settled, wholeRun } from './sample-run.ts';

const profile = 'kns.default';
const owner = profileOwner(profile, 'default');
if (!owner) throw new Error('the profile has no owner');

const profileInput = {
  profile,
  namespace: 'default',
  pod: 'mypod',
  workloadEndpoint: 'node--a-k8s-mypod-eth0',
  node: 'node-a',
  nodeAddress: '192.0.2.1',
};
const rightsInput = {
  accountNamespace: 'kube-system',
  accountName: 'calico-kube-controllers',
  missing: [{ group: '', resource: 'namespaces', verb: 'watch' }],
};

function planOf(fix: Fix, input: FixInput, found: unknown, change: Partial<FixPlan>): FixPlan {
  const { withinSeconds, scope: _scope, ...draft } = fix.draft(input, found);
  return samplePlan({
    ...draft,
    id: `p-${fix.id}`,
    fix: fix.id,
    verify: { rule: 'the-rule', withinSeconds },
    during: fix.during,
    run: sampleRun,
    input,
    preconditions: ['datastore', 'endpoint', 'namespace-active', 'labels'].map((id) => ({
      id,
      description: `${id} is the same as when planned`,
      value: 'as read',
    })),
    createdAt: at,
    expiresAt: '2026-01-01T04:04:05.000Z',
    ...change,
  });
}

const plans = [
  planOf(
    grantControllerRbac,
    rightsInput,
    {
      subject: { namespace: 'kube-system', name: 'calico-kube-controllers' },
      uid: 'u',
      resourceVersion: '7',
      changed: { object: 'ClusterRole calico-kube-controllers', by: 'kubectl-edit', at: '2026-01-01T02:51:00Z' },
    },
    { rehearsed: true, finding: forbidden.id, touches: { pods: null, of: 'none directly' } },
  ),
  planOf(
    createPodProfile,
    profileInput,
    { object: profileObject(profile, 'default', owner, { team: 'shop' }), namespace: 'default', owner },
    { finding: profileMissing.id, touches: { pods: 12, of: 'all of namespace default' } },
  ),
];

function told(plan: FixPlan, state: PlanState, note: string | null): RunEventBody {
  const change: Partial<PlanRecord> = state === 'proposed' ? {} : { approver: 'U0BOB', state };
  return { type: 'plan', record: { ...proposed(plan, 'U0ALICE'), updatedAt: at, ...change }, note };
}

/** Each finding fails the step of its rule. */
const failed: ReadonlyMap<string, string> = new Map([
  ['reachability', 'unanswered'],
  ['endpoint', 'profile missing'],
  ['controller', 'forbidden'],
]);
const seenAt = (place: string, node: string, change: Partial<PathHop> = {}) =>
  sampleHop({ direction: 'request', place, node, ...change });
/** Where the packet was seen. */
export const firstCasePath: readonly PathHop[] = [
  seenAt('pod default/client', 'node-b'),
  seenAt('network interface of the source node eth0', 'node-b'),
  seenAt('network interface of the target node eth0', 'node-a', { status: 'lost' }),
  seenAt('interface of the pod cali4e199eba087', 'node-a', { status: 'not-looked', why: 'it is missing before' }),
  seenAt('pod default/mypod', 'node-a', { status: 'not-looked', why: 'it is missing before' }),
];
const beforePlans = wholeRun
  .filter(({ type }) => type !== 'plan')
  .map((body): RunEventBody => {
    if (body.type === 'verdict') return { ...body, verdict: { ...body.verdict, path: firstCasePath } };
    const title = body.type === 'step-settled' ? failed.get(body.step.id) : undefined;
    return body.type === 'step-settled' && title ? { ...body, step: settled(body.step.id, 'fail', title) } : body;
  });

/** Until both fixes wait for an approval. */
export const firstCase: readonly RunEventBody[] = [
  ...beforePlans,
  ...plans.map((plan) => told(plan, 'proposed', null)),
];

/** Until both fixes are verified. */
export const firstCaseFixed: readonly RunEventBody[] = [
  ...firstCase,
  ...plans.map((plan) =>
    told(
      plan,
      'verified',
      'Verified: the rule passes; the asked flow does not work yet: another cause still stops it.',
    ),
  ),
];
