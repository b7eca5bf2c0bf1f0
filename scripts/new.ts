/**
 * `npm run new -- rule ID --step STEP`: writes a rule, its table of tests and its page, and adds it to the lists. What
 * it writes fails until somebody fills it in.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { steps } from '../src/model/steps.ts';
import { ruleSource, tableSource, variableOf } from './new/templates.ts';

const usage = `usage: npm run new -- rule ID --step STEP
  ID    a noun in its failing state, such as pod-route-missing
  STEP  one of ${steps.map(({ id }) => id).join(', ')}`;

const root = resolve(import.meta.dirname, '..');

class Wrong extends Error {}

/** @throws Wrong when the words are not a new rule of a step */
function asked(argv: readonly string[]): { readonly id: string; readonly step: string } {
  const { values, positionals } = parseArgs({
    args: [...argv],
    allowPositionals: true,
    options: { step: { type: 'string' } },
  });
  const [what, id, ...more] = positionals;
  const { step } = values;
  if (what !== 'rule' || id === undefined || more.length > 0 || step === undefined) throw new Wrong(usage);
  if (!/^[a-z][a-z0-9]*(?:-[a-z0-9]+)+$/.test(id))
    throw new Wrong(`"${id}" is not an id: use lower-case words with dashes\n${usage}`);
  if (!steps.some((one) => one.id === step)) throw new Wrong(`"${step}" is not a step\n${usage}`);
  const taken = steps.map((one) => `src/rules/${one.id}/${id}.ts`).find((path) => existsSync(`${root}/${path}`));
  if (taken !== undefined) throw new Wrong(`${taken} exists`);
  return { id, step };
}

function write(path: string, text: string): void {
  mkdirSync(dirname(`${root}/${path}`), { recursive: true });
  writeFileSync(`${root}/${path}`, text);
  console.log(`wrote ${path}`);
}

function change(path: string, to: (before: string) => string): void {
  const before = readFileSync(`${root}/${path}`, 'utf8');
  const after = to(before);
  if (after === before) throw new Error(`${path} does not have its usual form: add the rule by hand`);
  write(path, after);
}

/** The registry with the rule behind the last one of its step, or of the nearest step before it that has one. */
function registered(registry: string, id: string, step: string): string {
  const variable = variableOf(id);
  const at = steps.findIndex((one) => one.id === step);
  const imports = [...registry.matchAll(/^import \{ (\w+) \} from '\.\/([\w-]+)\/[\w-]+\.ts';\n/gm)];
  const before = imports.findLast(([, , of]) => of !== 'lib' && steps.findIndex((one) => one.id === of) <= at);
  if (!before) return registry;
  const [line, name = ''] = before;
  const withImport = registry.replace(line, `${line}import { ${variable} } from './${step}/${id}.ts';\n`);
  const list = withImport.lastIndexOf('checkRules([');
  return withImport.slice(0, list) + withImport.slice(list).replace(new RegExp(`\\b${name},`), `${name}, ${variable},`);
}

function listed(causes: string, id: string): string {
  return causes.replace(/\n\];/, `\n  '${id}',\n];`);
}

try {
  const { id, step } = asked(process.argv.slice(2));
  write(`src/rules/${step}/${id}.ts`, ruleSource(id, step));
  write(`test/rules/${step}/${id}.test.ts`, tableSource(id, step));
  change('src/rules/registry.ts', (registry) => registered(registry, id, step));
  const causes = readFileSync(`${root}/test/contracts/causes.ts`, 'utf8');
  if (!causes.includes(`'${id}'`)) change('test/contracts/causes.ts', (text) => listed(text, id));
  execFileSync(process.execPath, [`${root}/scripts/generate.ts`], { stdio: 'inherit' });
  console.log(`
Next:
1. Fill in src/rules/${step}/${id}.ts: description, facts, resources, messages, advice, judge.
2. Fill in the rows of test/rules/${step}/${id}.test.ts, with what findings lack and withhold.
3. Write the fault tools/lab/faults/catalogue/${id}.ts, or give the reason in the table: lab: { none: '…' }.
4. Run: npm run generate && npm run golden && npm run -s types && \\
   npm run -s jest -- test/rules/${step}/${id}.test.ts test/rules/cause-and-effect.test.ts test/contracts/units.test.ts
CONTRIBUTING.md has the whole checklist.`);
} catch (error) {
  const isUsage = error instanceof Wrong || (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS');
  if (!isUsage) throw error;
  console.error((error as Error).message);
  process.exitCode = 3;
}
