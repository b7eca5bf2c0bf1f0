import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '../../src/model/kubernetes.ts';
import { createCluster, type Cluster } from '../../src/adapters/kubernetes.ts';
import { projectRoot } from '../../tools/lab/paths.ts';
import { run, until } from '../../tools/lab/run.ts';
import { startApiServer } from '../adapters/kubernetes/api-server.ts';
import { asking, type Ask, type Objects } from '../adapters/kubernetes/requests.ts';

export interface BotCluster {
  /** As an administrator of the cluster. */
  readonly admin: Cluster;
  /** As the bot, with the rights of deploy/rbac. */
  readonly bot: Cluster;
  readonly objects: Objects;
  /** A request with the bot's token. */
  readonly asBot: Ask;
  readonly asAdministrator: Ask;
  stop(): Promise<void>;
}

/** The one binding of which the bot may change the subject. */
export const grantPath = '/apis/rbac.authorization.k8s.io/v1/clusterrolebindings/calico-chatops-controller-grant';

/** A real API server with the bot's account installed as an operator does it. */
export async function startBotCluster(): Promise<BotCluster> {
  const api = await startApiServer();
  const admin = createCluster({ kubeconfig: api.administrator });
  const files = ['calico-chatops.yaml', 'calico-chatops-fixes.yaml'].map((file) =>
    readFile(`${projectRoot}/deploy/rbac/${file}`, 'utf8'),
  );
  for (const document of (await Promise.all(files)).flatMap((text) => parseAllDocuments(text))) {
    const object: KubernetesObject = document.toJS();
    await api.objects.create(object);
  }
  const path = '/api/v1/namespaces/calico-chatops/serviceaccounts/calico-chatops/token';
  const body = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} });
  const { status }: { status: { token: string } } = JSON.parse(
    await run([
      'curl',
      '-sk',
      '-H',
      'Authorization: Bearer administrator-token',
      '-H',
      'Content-Type: application/json',
      '-d',
      body,
      `${api.url}${path}`,
    ]),
  );
  const bot = createCluster({ kubeconfig: await api.kubeconfig('bot', api.url, api.authority, status.token) });
  const asBot = asking(api.url, status.token);
  // The API server follows policies by a watch: this one is in force a moment after it was created.
  const tried = { subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'nobody' }] };
  await until('the admission policy to be in force', 30, async () =>
    (await asBot('PATCH', `${grantPath}?dryRun=All`, tried, 'application/merge-patch+json')).body.includes(
      'ValidatingAdmissionPolicy',
    )
      ? true
      : null,
  );
  return {
    admin,
    objects: api.objects,
    bot,
    asBot,
    asAdministrator: asking(api.url, 'administrator-token'),
    async stop() {
      await Promise.all([admin.close(), bot.close()]);
      await api.stop();
    },
  };
}
