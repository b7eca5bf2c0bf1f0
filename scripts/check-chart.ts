/**
 * Renders deploy/chart with the helm program that is named, and says where it differs from the manifests of deploy/.
 * Usage: npm run chart -- HELM. Exits 1 if something differs, or if values that must not work do.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse, parseAllDocuments } from 'yaml';
import { inspectConfig } from '../src/config.ts';

interface Manifest {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly data?: Readonly<Record<string, string>>;
}

const deploy = resolve(import.meta.dirname, '../deploy');
const helm = process.argv[2] ?? 'helm';
const folder = mkdtempSync(join(tmpdir(), 'cc-chart-'));

const objects = (text: string): readonly Manifest[] =>
  parseAllDocuments(text)
    .map((one) => one.toJS() as Manifest | null)
    .filter((one) => one !== null);
const files = (...paths: readonly string[]) =>
  paths.flatMap((path) => objects(readFileSync(join(deploy, path), 'utf8')));
const nameOf = ({ kind, metadata: { name, namespace = '' } }: Manifest) => `${kind} ${namespace}/${name}`;

/** A configuration counts by what it says. */
function content(object: Manifest): unknown {
  const text = object.data?.['calico-chatops.yaml'];
  return text === undefined ? object : { ...object, data: parse(text) as unknown };
}

function render(values: object): { readonly rendered: readonly Manifest[]; readonly why: string } {
  const path = join(folder, 'values.yaml');
  writeFileSync(path, JSON.stringify(values));
  const argv = [
    'template',
    'it',
    join(deploy, 'chart'),
    '-n',
    'calico-chatops',
    '--kube-version',
    '1.30.0',
    '-f',
    path,
  ];
  const { status, stdout, stderr, error } = spawnSync(helm, argv, { encoding: 'utf8' });
  if (error) throw error;
  return { rendered: status === 0 ? objects(stdout) : [], why: stderr };
}

const basis = files('kubernetes/calico-chatops.yaml', 'rbac/calico-chatops.yaml', 'rbac/calico-chatops-fixes.yaml');
const agent = files('node-agent/agent.yaml', 'node-agent/rights.yaml');
const problems: string[] = [];

function mustHave(what: string, values: object, wanted: readonly Manifest[], others: readonly string[] = []): void {
  const { rendered, why } = render(values);
  const found = new Map(rendered.map((one) => [nameOf(one), one]));
  if (rendered.length === 0) problems.push(`${what}: ${why}`);
  for (const one of wanted.filter((each) => nameOf(each) !== 'Namespace /calico-chatops')) {
    const is = found.get(nameOf(one));
    if (!is) problems.push(`${what}: ${nameOf(one)} is missing`);
    else if (!isDeepStrictEqual(content(is), content(one))) problems.push(`${what}: ${nameOf(one)} differs`);
  }
  for (const name of others.filter((each) => !found.has(each))) problems.push(`${what}: ${name} is missing`);
  const config = rendered.find(({ kind }) => kind === 'ConfigMap')?.data?.['calico-chatops.yaml'] ?? '{}';
  for (const problem of inspectConfig(parse(config) as Record<string, string>, []).problems)
    problems.push(`${what}: ${problem}`);
}

function mustFail(what: string, values: object, said: RegExp): void {
  const { rendered, why } = render(values);
  if (rendered.length > 0 || !said.test(why)) problems.push(`${what}: helm did not refuse it: ${why}`);
}

try {
  const isProgram = ({ kind }: Manifest) => kind === 'Deployment' || kind === 'ConfigMap';
  const rest = basis.filter((one) => !isProgram(one));
  mustHave('the defaults', {}, basis);
  mustHave('the agent', { nodesVia: 'agent' }, [...rest, ...agent]);
  mustHave('calico-system', { rbac: { calicoSystem: true } }, [
    ...basis,
    ...files('rbac/calico-system/calico-chatops.yaml'),
  ]);
  const secrets = { redis: 'a-redis', approvalKey: 'a-key', alerts: 'an-alert' };
  mustHave('a worker apart', { worker: { apart: true }, secrets }, rest, [
    'Deployment calico-chatops/calico-chatops',
    'Deployment calico-chatops/calico-chatops-worker',
    'PersistentVolumeClaim calico-chatops/calico-chatops-worker-state',
  ]);
  const policies = { hostNetwork: false, podDisruptionBudget: { enabled: true } };
  mustHave('policies', policies, rest, [
    'NetworkPolicy calico-chatops/calico-chatops',
    'PodDisruptionBudget calico-chatops/calico-chatops',
  ]);
  mustHave('a monitor', { serviceMonitor: { enabled: true, labels: { release: 'prometheus' } } }, basis, [
    'ServiceMonitor calico-chatops/calico-chatops',
  ]);
  mustFail('a worker apart alone', { worker: { apart: true } }, /needs secrets\.redis/);
  mustFail('another way', { nodesVia: 'telnet' }, /nodesVia must be ssh or agent/);
} finally {
  rmSync(folder, { recursive: true });
}
for (const problem of problems) console.error(problem.trim());
if (problems.length > 0) process.exitCode = 1;
else console.log('The chart renders what deploy/ holds.');
