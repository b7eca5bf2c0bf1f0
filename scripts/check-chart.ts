/**
 * Renders deploy/chart with the helm program that is named (scripts/build-helm makes one), lints it, and says where it
 * differs from the manifests of deploy/.
 * Usage: npm run chart -- HELM. Exits 1 if something differs, or if values that must not work do.
 */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { parse } from 'yaml';
import { inspectConfig } from '../src/config.ts';
import { chartValues, lintChart, objectsIn, renderChart, type Manifest } from './render-chart.ts';

const deploy = resolve(import.meta.dirname, '../deploy');
const helm = process.argv[2] ?? 'helm';

const files = (...paths: readonly string[]) =>
  paths.flatMap((path) => objectsIn(readFileSync(join(deploy, path), 'utf8')));
const nameOf = ({ kind, metadata: { name, namespace = '' } }: Manifest) => `${kind} ${namespace}/${name}`;

/** A configuration counts by what it says. */
function content(object: Manifest): unknown {
  const text = object.data?.['calico-chatops.yaml'];
  return text === undefined ? object : { ...object, data: parse(text) as unknown };
}

const basis = files('kubernetes/calico-chatops.yaml', 'rbac/calico-chatops.yaml', 'rbac/calico-chatops-fixes.yaml');
const agent = files('node-agent/agent.yaml', 'node-agent/rights.yaml');
const problems: string[] = [];

/** `without`: kinds of which nothing is rendered. */
interface Expected {
  readonly wanted: readonly Manifest[];
  readonly others?: readonly string[];
  readonly without?: readonly string[];
}

function mustHave(what: keyof typeof chartValues, { wanted, others = [], without = [] }: Expected): void {
  const { rendered, why } = renderChart(helm, chartValues[what]);
  const found = new Map(rendered.map((one) => [nameOf(one), one]));
  if (rendered.length === 0) problems.push(`${what}: ${why}`);
  for (const one of wanted.filter((each) => nameOf(each) !== 'Namespace /calico-chatops')) {
    const is = found.get(nameOf(one));
    if (!is) problems.push(`${what}: ${nameOf(one)} is missing`);
    else if (!isDeepStrictEqual(content(is), content(one))) problems.push(`${what}: ${nameOf(one)} differs`);
  }
  for (const name of others.filter((each) => !found.has(each))) problems.push(`${what}: ${name} is missing`);
  for (const one of rendered.filter(({ kind }) => without.includes(kind)))
    problems.push(`${what}: ${nameOf(one)} is too much`);
  const config = rendered.find(({ kind }) => kind === 'ConfigMap')?.data?.['calico-chatops.yaml'] ?? '{}';
  for (const problem of inspectConfig(parse(config) as Record<string, string>, []).problems)
    problems.push(`${what}: ${problem}`);
  const linted = lintChart(helm, chartValues[what]);
  if (linted !== '') problems.push(`${what}: helm lint: ${linted}`);
}

function mustFail(what: string, values: object, said: RegExp): void {
  const { rendered, why } = renderChart(helm, values);
  if (rendered.length > 0 || !said.test(why)) problems.push(`${what}: helm did not refuse it: ${why}`);
}

const isProgram = ({ kind }: Manifest) => kind === 'Deployment' || kind === 'ConfigMap';
const rest = basis.filter((one) => !isProgram(one));
const own = files('kubernetes/calico-chatops.yaml');
const reads = files('rbac/calico-chatops.yaml');
const bot = ['Deployment calico-chatops/calico-chatops'];
const policy = 'NetworkPolicy calico-chatops/calico-chatops';
const optional = ['NetworkPolicy', 'PodDisruptionBudget', 'ServiceMonitor', 'DaemonSet'];
const expected: { readonly [What in keyof typeof chartValues]: Expected } = {
  'the defaults': { wanted: basis, without: optional },
  'the agent': { wanted: [...rest, ...agent] },
  'calico-system': { wanted: [...basis, ...files('rbac/calico-system/calico-chatops.yaml')] },
  'no fixes': {
    wanted: [...own, ...reads],
    without: ['ValidatingAdmissionPolicy', 'ValidatingAdmissionPolicyBinding'],
  },
  'rights of others': { wanted: own, without: ['ClusterRole', 'ClusterRoleBinding', 'Role', 'ServiceAccount'] },
  'Redis out': { wanted: rest, others: bot },
  'a worker apart': {
    wanted: rest,
    others: [
      ...bot,
      'Deployment calico-chatops/calico-chatops-worker',
      'PersistentVolumeClaim calico-chatops/calico-chatops-worker-state',
    ],
  },
  'requests of Slack': { wanted: rest, others: bot },
  'several clusters': { wanted: rest, others: bot },
  policies: { wanted: rest, others: [policy, 'PodDisruptionBudget calico-chatops/calico-chatops'] },
  'a policy that lets nobody in': { wanted: rest, others: [policy] },
  'a monitor': { wanted: basis, others: ['ServiceMonitor calico-chatops/calico-chatops'] },
  'places and pulls': { wanted: reads, others: bot },
};
for (const [what, one] of Object.entries(expected)) mustHave(what as keyof typeof chartValues, one);

mustFail('a worker apart alone', { worker: { apart: true } }, /needs secrets\.redis/);
mustFail('another way', { nodesVia: 'telnet' }, /nodesVia must be ssh or agent/);
// Helm takes any text for true, and passes over a value that the chart does not have: rights would stay on.
mustFail('a switch that is a text', { rbac: { fixes: 'false' } }, /\/rbac\/fixes.*want boolean/);
mustFail('a misspelt switch', { rbac: { fix: false } }, /additional properties 'fix' not allowed/);
mustFail('a value that the chart does not have', { colour: 'red' }, /additional properties 'colour' not allowed/);
mustFail('no Secret of Slack', { secrets: { slack: '' } }, /\/secrets\/slack/);
for (const problem of problems) console.error(problem.trim());
if (problems.length > 0) process.exitCode = 1;
else console.log(`The chart renders what deploy/ holds, with ${Object.keys(expected).length} sets of values.`);
