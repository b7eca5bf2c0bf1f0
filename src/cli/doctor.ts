import { connectClusters } from '../compose-cluster.ts';
import { clusterName } from '../compose-cluster-name.ts';
import { openAnsweringStore } from '../compose-store.ts';
import { loadConfig, type Config } from '../config.ts';
import { describeError } from '../errors.ts';
import { declaredReader, type ApiRead } from '../model/api-reads.ts';
import { auditLine } from '../model/audit.ts';
import type { KubernetesNode } from '../model/kubernetes.ts';
import type { NodeShells } from '../model/ports.ts';
import { nodeAddress } from '../calico/trusted-address.ts';
import { ipRouteShow } from '../commands/ip.ts';
import { exitCode, type Surroundings } from './output.ts';
import { line } from './plain-output.ts';

export const doctorReads: readonly ApiRead[] = [{ verb: 'list', apiVersion: 'v1', kind: 'Node', where: 'cluster' }];

type Report = (part: string, problem: string | null, detail: string) => void;

/**
 * `calico-chatops doctor`: checks what the configuration names, one line each.
 * @returns 0 when all is well, else 3
 */
export async function doctorCommand({ out, environment }: Surroundings): Promise<number> {
  const config = loadConfig(environment, ['nodes']);
  let problems = 0;
  const report: Report = (part, problem, detail) => {
    if (problem !== null) problems += 1;
    out(line`${problem === null ? 'ok  ' : 'FAIL'} ${part}: ${problem ?? detail}\n`);
  };
  report('configuration', null, 'complete for diagnoses');
  await checkStore(config, report);
  await checkCluster(config, report);
  await checkSlack(config, report);
  return problems === 0 ? exitCode.done : exitCode.usage;
}

async function checkStore(config: Config, report: Report): Promise<void> {
  try {
    const notes: string[] = [];
    const opened = await openAnsweringStore(config, { line: (text) => void notes.push(text), audit: () => undefined });
    try {
      await opened.store.recall('doctor');
      report('Redis', null, notes[0] ?? 'answers');
      const audit = await opened.audit.verify();
      report(
        'audit chain',
        audit.broken ? `${auditLine(audit)}. Run calico-chatops audit verify` : null,
        auditLine(audit),
      );
    } finally {
      await opened.close();
    }
  } catch (error) {
    report('Redis', describeError(error).message, '');
  }
}

async function checkCluster(config: Config, report: Report): Promise<void> {
  const clusters = await connectClusters(config);
  try {
    const { cluster, shells } = await clusters.open(clusterName);
    const answer = await declaredReader(cluster, doctorReads, [], 'doctor').list<KubernetesNode>({
      apiVersion: 'v1',
      kind: 'Node',
    });
    if (!answer.ok) return report('Kubernetes API', answer.reason, '');
    report('Kubernetes API', null, `${answer.value.length} nodes`);
    await Promise.all(answer.value.map((node) => checkNode(shells, node, answer.value, report)));
  } finally {
    await clusters.close();
  }
}

async function checkNode(
  shells: NodeShells,
  node: KubernetesNode,
  nodes: readonly KubernetesNode[],
  report: Report,
): Promise<void> {
  const { name } = node.metadata;
  const trusted = nodeAddress(node, nodes);
  if (trusted.address === null) return report(`node ${name}`, trusted.why, '');
  const { address } = trusted;
  try {
    const { command, exit } = await shells
      .shell({ name, address })
      .start({ command: ipRouteShow, moment: 'first', params: {} }).result;
    report(
      `node ${name}`,
      exit === 0 ? null : `${command} ended with ${exit ?? 'a signal'}`,
      `${address}, its helper answers`,
    );
  } catch (error) {
    report(`node ${name}`, describeError(error).message, '');
  }
}

async function checkSlack(config: Config, report: Report): Promise<void> {
  if (config.SLACK_BOT_TOKEN === undefined)
    return report('Slack', null, 'not configured: the command line works without it');
  try {
    const { createSlackClient } = await import('../adapters/slack-client.ts');
    const { team, user } = await createSlackClient({
      token: config.SLACK_BOT_TOKEN,
      apiUrl: config.SLACK_API_URL ?? null,
    }).auth.test();
    report('Slack', null, `${user ?? '?'} of ${team ?? '?'}`);
  } catch (error) {
    report('Slack', describeError(error).message, '');
  }
}
