/** A case in a folder of its own, recorded from answers that are given. */
import { afterEach, beforeEach } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createCaseRecorder } from '../../src/adapters/case-recorder.ts';
import { openCase } from '../../src/adapters/case-replay.ts';
import type { CommandRequest, CommandTemplate, Moment, RunningCommand, Transcript } from '../../src/model/command.ts';
import { LookError } from '../../src/model/look-error.ts';
import type { ApiAnswer, ClusterReader, NodeShells } from '../../src/model/ports.ts';

export const routes: CommandTemplate = {
  argv: ['ip', 'route', 'get', '{to:address}'],
  timeoutSeconds: 5,
  maxBytes: 1000,
};
export const capture: CommandTemplate = {
  argv: ['tcpdump', '-i', '{interface:interface}'],
  timeoutSeconds: 5,
  maxBytes: 1000,
  readyWhen: 'listening on',
};
export const restore: CommandTemplate = {
  argv: ['cat'],
  timeoutSeconds: 5,
  maxBytes: 1000,
  input: '{"name":"{name:name}"}',
};
export const header = {
  version: '1.2.3',
  run: 'r-01',
  startedAt: '2026-11-23T10:00:00.000Z',
  target: {
    cluster: 'default',
    namespace: 'default',
    pod: 'mypod',
    from: null,
    port: { protocol: 'tcp' as const, number: 8080 },
  },
};
export const nodeA = { name: 'node-a', address: '10.0.0.1' };
export const nodeB = { name: 'node-b', address: '10.0.0.2' };

export const ask = (
  template: CommandTemplate,
  params: Readonly<Record<string, string>>,
  moment: Moment = 'first',
): CommandRequest => ({ command: { id: template.argv.slice(0, 1).join(''), ...template }, moment, params });
export const transcript = (node: string, stdout: string, more: Partial<Transcript> = {}): Transcript => ({
  node,
  command: 'as run',
  at: '2026-11-23T10:00:01.000Z',
  durationMs: 7,
  exit: 0,
  stdout,
  stderr: '',
  timedOut: false,
  truncated: false,
  file: null,
  ...more,
});

/** Shells that answer one thing after the other: a transcript, or an error. */
export function shellsOf(answers: readonly (Transcript | LookError)[]): NodeShells {
  let next = 0;
  const start = (request: CommandRequest): RunningCommand => {
    const answer = answers[(next += 1) - 1];
    if (answer === undefined) throw new Error('not expected');
    const result = answer instanceof LookError ? Promise.reject(answer) : Promise.resolve(answer);
    const ready =
      answer instanceof LookError || (request.command.readyWhen !== undefined && answer.exit !== 0)
        ? Promise.reject(new LookError('command-failed', 'ended before'))
        : Promise.resolve();
    ready.catch(() => undefined);
    return { ready, result, stop: () => undefined };
  };
  return {
    shell: ({ name }) => ({ node: name, start }),
    usage: () => ({ 'node-a': { exchanges: 1, bytesIn: 2, bytesOut: 3 } }),
    close: () => Promise.resolve(),
  };
}

export const at = '2026-11-23T10:00:02.000Z';
export const silentCluster: ClusterReader = {
  read: (reference) =>
    Promise.resolve({ ok: false, status: 404, reason: 'NotFound', request: `GET ${reference.name}`, at }),
  list: () => Promise.resolve({ ok: true, value: [], request: 'GET list', at }),
  podLog: () => Promise.resolve({ ok: true, value: 'log', request: 'GET log', at }),
  accessReview: (question) =>
    Promise.resolve({ ok: true, value: { ...question, allowed: true, reason: '' }, request: 'POST review', at }),
};

/** One of each kind of question. */
export const questions = async (cluster: ClusterReader): Promise<readonly ApiAnswer<unknown>[]> =>
  Promise.all([
    cluster.read({ apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'mypod' }),
    cluster.list({ apiVersion: 'v1', kind: 'Pod', fieldSelector: 'spec.nodeName=node-a', limit: 5 }),
    cluster.podLog({ namespace: 'a', pod: 'b', container: 'c', tailLines: 1, limitBytes: 2 }),
    cluster.accessReview({ user: 'u', groups: ['g'], group: '', resource: 'pods', verb: 'list' }),
  ]);

export let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'case-'));
});
afterEach(() => rm(directory, { recursive: true }));

export const recorder = (shells: NodeShells, cluster = silentCluster) =>
  createCaseRecorder({ directory, header, shells, cluster });

export const saved = async () => {
  const recording = await recorder(shellsOf([transcript('node-a', 'first\n')]));
  await recording.shells.shell(nodeA).start(ask(routes, { to: '10.0.0.2' })).result;
  await recording.cluster.list({ apiVersion: 'v1', kind: 'Pod' });
  await recording.finish();
  await openCase(directory);
};
