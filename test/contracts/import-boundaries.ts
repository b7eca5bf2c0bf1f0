/**
 * Checks which room of src/ imports which, that nothing imports in circles, and some rules that no linter knows. Prints
 * what is wrong and exits 1. Run: node test/contracts/import-boundaries.ts
 */
import { cruise, type ICruiseResult, type IForbiddenRuleType } from 'dependency-cruiser';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { outsidePackages, rooms } from './rooms.ts';
import { forbiddenTexts } from './forbidden-texts.ts';

const root = resolve(import.meta.dirname, '../..');
process.chdir(root); // dependency-cruiser names modules from here

const anyOf = (parts: readonly string[]) =>
  `(?:${parts.map((part) => part.replaceAll(/[.+]/g, String.raw`\$&`)).join('|')})`;
const pathOf = (part: string) => (part.endsWith('.ts') ? `${part}$` : `${part}/`);

const roomRules: readonly IForbiddenRuleType[] = Object.entries(rooms).map(([room, allowed]) => ({
  name: `${room} imports ${[...allowed, 'itself'].join(', ')}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^(?:src|test|tools|scripts)/', pathNot: `^src/${anyOf([room, ...allowed].map(pathOf))}` },
}));

const forbidden: IForbiddenRuleType[] = [
  ...roomRules,
  {
    name: 'src/ imports nothing of test/, tools/ or scripts/',
    severity: 'error',
    from: { path: '^src/' },
    to: { path: '^(?:test|tools|scripts)/' },
  },
  {
    name: 'cli/ does not look inside bot/',
    severity: 'error',
    from: { path: '^src/cli/' },
    to: { path: '^src/bot/', pathNot: '^src/bot/[^/]+$' },
  },
  {
    name: 'only adapters/ reach out of the process',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/adapters/' },
    to: { path: `(?:^|/)node_modules/${anyOf(outsidePackages)}/` },
  },
  {
    name: 'the pure rooms need nothing of Node that has effects',
    severity: 'error',
    from: { path: '^src/(?:model|calico|ruleset|flow-walks|policy|tunnels|rules)/' },
    to: { dependencyTypes: ['core'], pathNot: '^(?:node:)?(?:crypto|net|util)$' },
  },
  { name: 'no circles', severity: 'error', from: {}, to: { circular: true } },
  { name: 'no imports of what is not there', severity: 'error', from: {}, to: { couldNotResolve: true } },
];

async function modules(): Promise<ICruiseResult> {
  const { output } = await cruise(['src'], {
    ruleSet: { forbidden },
    validate: true,
    parser: 'swc',
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['node', 'import', 'types'],
    },
  });
  if (typeof output === 'string') throw new TypeError('dependency-cruiser gave a text');
  return output;
}

const git = (args: readonly string[]) =>
  execFileSync('git', args, { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line !== '');

/** A checker that sees no files passes everything: each file that git knows must have been seen. */
function unseen(seen: ReadonlySet<string>, files: readonly string[]): readonly string[] {
  const sources = files.filter((file) => file.startsWith('src/') && file.endsWith('.ts'));
  if (sources.length === 0) return ['git knows no files in src/'];
  return sources.filter((file) => !seen.has(file)).map((file) => `${file}: not seen by dependency-cruiser`);
}

const result = await modules();
const deleted = new Set(git(['ls-files', '--deleted']));
const files = git(['ls-files', '--cached', '--others', '--exclude-standard']).filter((file) => !deleted.has(file));
const problems = [
  ...result.summary.violations.map(
    ({ from, to, rule, cycle }) => `${from} → ${cycle?.map((one) => one.name).join(' → ') ?? to}: ${rule.name}`,
  ),
  ...unseen(new Set(result.modules.map((one) => one.source)), files),
  ...files.flatMap((file) => forbiddenTexts(file, () => readFileSync(file, 'utf8'))),
];
for (const problem of problems) console.error(problem);
if (problems.length === 0)
  console.log(`${result.modules.filter((one) => one.source.startsWith('src/')).length} modules keep to their rooms`);
else process.exitCode = 1;
