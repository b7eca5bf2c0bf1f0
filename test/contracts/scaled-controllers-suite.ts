/** The one Deployment of which the bot may change the number of replicas, and nothing else. */
import { beforeAll, describe, expect, test } from '@jest/globals';
import { deploymentReference, scaleTo } from '../../src/fixes/scale-controller-back/deployment.ts';
import type { Deployment, KubernetesObject } from '../../src/model/kubernetes.ts';
import type { BotCluster } from '../fixes/bot-account.ts';
import { localNode } from '../fixes/local-node.ts';
import { controllers } from './refused-writes.ts';

/** As somebody scaled them. */
const stoppedControllers = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: controllers.name, namespace: controllers.namespace },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: 'c' } },
    template: { metadata: { labels: { app: 'c' } }, spec: { containers: [{ name: 'c', image: 'none' }] } },
  },
};

export function describeScaling(clusters: () => BotCluster): void {
  describe('the Deployment of the controllers', () => {
    const context = () => ({
      writer: clusters().bot.writer,
      cluster: clusters().bot.reader,
      shells: localNode({}),
      clock: { now: () => new Date(0), sleep: async () => {} },
    });
    const read = async () => {
      const answer = await clusters().admin.reader.read<Deployment>(deploymentReference);
      if (!answer.ok) throw new Error(answer.reason);
      return answer.value;
    };
    const version = async () => {
      const { uid = '', resourceVersion = '' } = (await read()).metadata;
      return { uid, resourceVersion };
    };
    const path = '/apis/apps/v1/namespaces/kube-system/deployments/calico-kube-controllers';
    beforeAll(async () => {
      await clusters().objects.create<KubernetesObject>(stoppedControllers);
      await clusters().objects.create<KubernetesObject>({
        ...stoppedControllers,
        metadata: { name: 'coredns', namespace: 'kube-system' },
      });
    });
    test('is scaled from 0 to 1 and back, each time only if it is the version that was read', async () => {
      const before = await version();
      expect(await scaleTo(1, context(), before, { dryRun: true })).toMatchObject({ ok: true });
      expect((await read()).spec.replicas).toBe(0);
      expect(await scaleTo(1, context(), before, { dryRun: false })).toMatchObject({ ok: true });
      expect((await read()).spec.replicas).toBe(1);
      expect(await scaleTo(0, context(), before, { dryRun: false })).toMatchObject({ ok: false, status: 409 });
      const now = await version();
      expect(await scaleTo(0, context(), { ...now, uid: 'other' }, { dryRun: false })).toMatchObject({
        ok: false,
        status: 409,
      });
      expect(await scaleTo(0, context(), now, { dryRun: false })).toMatchObject({ ok: true });
      expect((await read()).spec.replicas).toBe(0);
    });
    test.each<[string, string, object]>([
      ['two replicas', `${path}/scale`, { spec: { replicas: 2 } }],
      ['replicas of another one', path.replace(controllers.name, 'coredns/scale'), { spec: { replicas: 1 } }],
      ['its replicas by itself', path, { spec: { replicas: 1 } }],
      ['its image', path, { spec: { template: { spec: { containers: [{ name: 'c', image: 'other' }] } } } }],
    ])('refuses %s', async (...[, to, body]) => {
      const answer = await clusters().asBot('PATCH', to, body, 'application/merge-patch+json');
      expect([403, 422]).toContain(answer.status);
      expect((await read()).spec.replicas).toBe(0);
    });
  });
}
