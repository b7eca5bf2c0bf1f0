/** Policies for the whole cluster, before those of namespaces and behind them: each action, in both directions. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { asAdministrator, type KubeObject } from './control-plane/api.ts';
import { diagnose, saidBy } from './diagnosis.ts';
import { ruleGone, ruleThere } from './faults/steps.ts';
import { calicoLabs, describeLab, labCommand, mustSucceed, ownLab } from './harness.ts';
import { insideNode } from './nodes/machine.ts';
import { calicoPath, clusterPolicyPath } from './objects/calico-crds.ts';
import { labPaths } from './paths.ts';
import { untilRuns } from './run.ts';
import { takenBackAfterEach } from './take-backs.ts';

type Direction = 'ingress' | 'egress';
interface Policy {
  readonly name: string;
  readonly tier: 'Admin' | 'Baseline';
  readonly action: 'Accept' | 'Deny' | 'Pass';
  readonly priority?: number;
}

const pods = (app: string) => ({ namespaceSelector: {}, podSelector: { matchLabels: { app } } });
/** Of the flow from the client to the web server: the pod that a direction's rules stand at, and the other. */
const ends = { ingress: ['web', 'client'], egress: ['client', 'web'] } as const;
const nodeOf = { ingress: 'node-a', egress: 'node-b' } as const;
const namespacePolicies = '/apis/networking.k8s.io/v1/namespaces/default/networkpolicies';

describeLab.each(calicoLabs.filter(({ dataplane }) => dataplane === 'nft'))(
  'policies for the whole cluster, $calico',
  ({ calico, flags }) => {
    const name = ownLab(`cluster-policies-${calico}`);
    const lab = labCommand(name);
    const paths = labPaths(name);
    const api = asAdministrator(paths);
    const takeBacks = takenBackAfterEach();

    /** Stores an object until the end of the test; resolves when Felix has its chain, as that of what it was. */
    async function stored(path: string, object: KubeObject, direction: Direction, short: string) {
      const chain = `^-A cali-${direction === 'ingress' ? 'pi' : 'po'}-${short}/(default/)?${object.metadata.name} `;
      takeBacks.push(async () => {
        await api((to) => to.remove(`${path}/${object.metadata.name}`));
        await untilRuns('the policy to go', 60, insideNode(paths, nodeOf[direction], ruleGone('nft', chain)));
      });
      await api((to) => to.create(path, object));
      await untilRuns('the policy', 60, insideNode(paths, nodeOf[direction], ruleThere('nft', chain)));
    }

    async function policyOfCluster({ name: called, tier, action, priority = 10 }: Policy, direction: Direction) {
      const [subject, other] = ends[direction];
      const rule = { name: 'web', action, protocols: [{ tcp: { destinationPort: { number: 8080 } } }] };
      const spec = {
        tier,
        priority,
        subject: { pods: pods(subject) },
        [direction]: [{ ...rule, [direction === 'ingress' ? 'from' : 'to']: [{ pods: pods(other) }] }],
      };
      const head = { apiVersion: 'policy.networking.k8s.io/v1alpha2', kind: 'ClusterNetworkPolicy' };
      await stored(clusterPolicyPath, { ...head, metadata: { name: called }, spec }, direction, 'kcnp');
    }

    /** A policy of the namespace that lets the flow pass, or that lets nothing pass. */
    async function policyOfNamespace(called: string, direction: Direction, allows: boolean) {
      const [subject] = ends[direction];
      const spec = {
        podSelector: { matchLabels: { app: subject } },
        policyTypes: [direction === 'ingress' ? 'Ingress' : 'Egress'],
        ...(allows ? { [direction]: [{}] } : {}),
      };
      await stored(
        namespacePolicies,
        { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata: { name: called }, spec },
        direction,
        'knp',
      );
    }

    const judged = async () => {
      const { verdict } = await diagnose(name, 'default/mypod', '--from', 'pod:default/client', '--port', '8080/tcp');
      const [root] = verdict.roots;
      return { ...saidBy(verdict), blindSpots: verdict.blindSpots, subject: root?.subject, proof: root?.proof, root };
    };
    const healthy = { verdict: 'healthy', roots: [], consequences: [], latent: [], blindSpots: [] };
    const denied = (direction: Direction, policy: string) => ({
      ...healthy,
      verdict: 'fault',
      roots: [`policy-denies-${direction}`],
      subject: { kind: 'Policy', name: policy },
      proof: 'counter',
    });

    beforeAll(async () => {
      await mustSucceed(lab)('up', ...flags, '--datastore', 'kubernetes', '--encap', 'vxlan');
      // The version says which kinds of policies for the whole cluster Felix reads.
      const information = `${calicoPath('ClusterInformation')}/default`;
      await api((to) => to.patch(information, { spec: { calicoVersion: 'v3.32.0' } }));
    }, 240_000);
    afterAll(async () => {
      await lab('down');
    }, 60_000);

    describeDirection('ingress');
    describeDirection('egress');

    function describeDirection(direction: Direction) {
      test(`${direction}: one that denies before all others is named, with what opens it`, async () => {
        await policyOfNamespace('open', direction, true);
        await policyOfCluster({ name: 'closed', tier: 'Admin', action: 'Deny' }, direction);
        const said = await judged();
        expect(said).toMatchObject(denied(direction, 'closed'));
        expect(said.root?.title).toMatch(/^ClusterNetworkPolicy closed /);
        expect(said.root?.detail).toContain('The datastore says the same.');
        expect(said.root?.advice?.commands.join('\n')).toContain('kubectl edit clusternetworkpolicy closed');
      }, 120_000);

      test(`${direction}: what one accepts, no policy of a namespace denies`, async () => {
        await policyOfNamespace('shut', direction, false);
        await policyOfCluster({ name: 'opens', tier: 'Admin', action: 'Accept' }, direction);
        expect(await judged()).toMatchObject(healthy);
      }, 120_000);

      test(`${direction}: what one passes, the policy of the namespace decides, not one behind it`, async () => {
        await policyOfCluster({ name: 'passes', tier: 'Admin', action: 'Pass', priority: 5 }, direction);
        await policyOfCluster({ name: 'behind', tier: 'Admin', action: 'Deny' }, direction);
        expect(await judged()).toMatchObject(healthy);
        await policyOfNamespace('shut', direction, false);
        expect(await judged()).toMatchObject(denied(direction, 'default/shut'));
      }, 120_000);

      test(`${direction}: one behind all others denies where none of a namespace selects the pod`, async () => {
        await policyOfCluster({ name: 'rest', tier: 'Baseline', action: 'Deny' }, direction);
        expect(await judged()).toMatchObject(denied(direction, 'rest'));
        await policyOfNamespace('open', direction, true);
        expect(await judged()).toMatchObject(healthy);
      }, 120_000);
    }
  },
);
