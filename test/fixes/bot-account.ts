import { readFile } from 'node:fs/promises';
import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '../../src/model/kubernetes.ts';
import { createCluster, type Cluster } from '../../src/adapters/kubernetes.ts';
import { projectRoot } from '../lab/paths.ts';
import { run } from '../lab/run.ts';
import { startApiServer } from '../adapters/kubernetes/api-server.ts';

export interface BotCluster {
  /** As an administrator of the cluster. */
  readonly admin: Cluster;
  /** As the bot, with the rights of deploy/rbac. */
  readonly bot: Cluster;
  stop(): Promise<void>;
}

/** A real API server with the bot's account installed as an operator does it. */
export async function startBotCluster(): Promise<BotCluster> {
  const api = await startApiServer();
  const admin = createCluster({ kubeconfig: api.administrator });
  const files = ['calico-chatops.yaml', 'calico-chatops-fixes.yaml'].map((file) => readFile(`${projectRoot}/deploy/rbac/${file}`, 'utf8'));
  for (const document of (await Promise.all(files)).flatMap((text) => parseAllDocuments(text))) {
    const object: KubernetesObject = document.toJS();
    const answer = await admin.writer.create(object, { dryRun: false });
    if (!answer.ok) throw new Error(`${object.kind} ${object.metadata.name}: ${answer.reason}`);
  }
  const path = '/api/v1/namespaces/calico-chatops/serviceaccounts/calico-chatops/token';
  const body = JSON.stringify({ apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} });
  const { status }: { status: { token: string } } = JSON.parse(await run(['curl', '-sk', '-H', 'Authorization: Bearer administrator-token', '-H', 'Content-Type: application/json', '-d', body, `${api.url}${path}`]));
  const bot = createCluster({ kubeconfig: await api.kubeconfig('bot', api.url, api.authority, status.token) });
  return {
    admin,
    bot,
    async stop() {
      await Promise.all([admin.close(), bot.close()]);
      await api.stop();
    },
  };
}
