/** What deploy/node-agent gives the agent, and that the bot looks for the same. */
import { readFileSync, readdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { expect, test } from '@jest/globals';
import { parseAllDocuments } from 'yaml';
import { agentContainer, agentDaemonSet, agentName, agentNamespace, agentProgram } from '../../src/model/agent.ts';
import { imageEntryPoint } from '../../tools/lab/nodes/agent-image.ts';

const folder = resolve(import.meta.dirname, '../../deploy/node-agent');
const text = (file: string) => readFileSync(`${folder}/${file}`, 'utf8');

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly { readonly resources: readonly string[]; readonly verbs: readonly string[] }[];
  readonly spec?: { readonly template?: { readonly spec: Readonly<Record<string, unknown>> } };
}
const objects = readdirSync(folder)
  .filter((file) => file.endsWith('.yaml'))
  .flatMap((file) => parseAllDocuments(text(file)))
  .map((one) => one.toJS() as Manifest);
const only = (kind: string) => {
  const [found, ...more] = objects.filter((one) => one.kind === kind);
  expect(more).toEqual([]);
  if (found === undefined) throw new Error(`no ${kind}`);
  return found;
};

test('all is in one namespace, and named as the bot looks for it', () => {
  expect(only('Namespace').metadata.name).toBe(agentNamespace);
  const set = only('DaemonSet');
  expect([set.metadata.name, set.metadata.namespace]).toEqual([agentDaemonSet.name, agentNamespace]);
  expect(set.spec?.template?.spec).toMatchObject({
    serviceAccountName: agentName,
    containers: [{ name: agentContainer }],
  });
});

test('the container has what the helper needs, and nothing beside it', () => {
  const spec = only('DaemonSet').spec?.template?.spec;
  expect(spec).toMatchObject({ hostNetwork: true, hostPID: true, automountServiceAccountToken: false });
  expect(Object.keys(spec ?? {})).not.toEqual(expect.arrayContaining(['hostIPC']));
  expect(spec).not.toHaveProperty('volumes');
  expect(spec).not.toHaveProperty('initContainers');
  const containers = spec?.['containers'] as readonly Readonly<Record<string, unknown>>[] | undefined;
  expect(containers).toHaveLength(1);
  const container = containers?.[0];
  for (const key of ['command', 'args', 'ports', 'env', 'volumeMounts', 'lifecycle', 'livenessProbe'])
    expect(container).not.toHaveProperty(key);
  expect(container?.['securityContext']).toEqual({
    runAsUser: 0,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: {
      drop: ['ALL'],
      add: ['SYS_ADMIN', 'SYS_CHROOT', 'SYS_PTRACE', 'NET_ADMIN', 'NET_RAW', 'SETUID', 'SETGID', 'KILL'],
    },
  });
});

test('the image holds the helper, its lists and the program that starts it, and only waits', () => {
  const copied = [...text('Dockerfile').matchAll(/^COPY .* (\S+) \S+$/gm)].map(([, from]) => from);
  expect(copied).toEqual([
    'node-agent/calico-chatops-agent',
    'node/calico-chatops-node',
    'node/allow-list',
    'node/allow-list.fixes',
  ]);
  expect(text('Dockerfile').match(/^(?!#)\w+/gm)).toEqual(['FROM', 'COPY', 'COPY', 'COPY', 'COPY', 'ENTRYPOINT']);
  expect(imageEntryPoint()).toEqual(['/bin/sleep', 'infinity']);
  expect(`/usr/local/bin/${copied[0]?.split('/')[1]}`).toBe(agentProgram);
});

test('the rights are for one namespace, and cannot be handed on', () => {
  expect(objects.filter(({ kind }) => kind.startsWith('ClusterRole'))).toEqual([]);
  expect(only('Role').metadata.namespace).toBe(agentNamespace);
  expect(only('Role').rules?.map(({ resources, verbs }) => [...resources, ...verbs])).toEqual([
    ['pods', 'get', 'list'],
    ['pods/exec', 'create', 'get'],
    ['daemonsets', 'get'],
  ]);
});
