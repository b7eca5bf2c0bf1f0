import { commandLine } from '../../src/model/command-line.ts';
import type { ApiRead } from '../../src/model/api-reads.ts';
import type { Command } from '../../src/model/command.ts';
import type { ComputedFact } from '../../src/model/computed.ts';
import type { Fix } from '../../src/model/fix.ts';
import type { Probe } from '../../src/model/probe.ts';
import type { Rule } from '../../src/model/rule.ts';
import { causePage } from '../../src/cli/cause-page.ts';
import { steps } from '../../src/model/steps.ts';

/** The metadata that the page is made from. */
export interface ReferenceSubject {
  readonly rules: readonly Rule[];
  readonly probes: readonly Probe[];
  readonly computed: readonly ComputedFact[];
  readonly fixes: readonly Fix[];
  readonly commands: readonly Command[];
}

const head = `# Reference

Every cause, probe, computed fact and fix. \`npm run generate\` makes this page and the pages of the causes from what
the code declares. \`calico-chatops explain RULE\` prints the page of a cause.
`;

/** The reference page, docs/reference.md. */
export function referencePage({ rules, probes, computed, fixes, commands }: ReferenceSubject): string {
  const units = [...probes, ...computed];
  const causes = steps.flatMap((step) => {
    const ofStep = rules.filter((rule) => rule.step === step.id);
    return ofStep.length === 0 ? [] : [`### ${step.title}`, causeTable(ofStep)];
  });
  const sections = [
    '## Causes',
    ...causes,
    '## Probes',
    ...probes.toSorted(byId).map(probeSection),
    '## Computed facts',
    ...computed.toSorted(byId).map((one) => computedSection(one, units)),
    '## Fixes',
    ...fixes.toSorted(byId).map(fixSection),
    '## Commands on a node',
    commandTable(commands.toSorted(byId)),
  ];
  return `${[head.trimEnd(), ...sections].join('\n\n')}\n`;
}

/** The page of each cause by its path, docs/causes/ID.md. */
export function causePages({ rules, probes, computed }: ReferenceSubject): Readonly<Record<string, string>> {
  const units = [...probes, ...computed];
  const ids = {
    rule: (id: string) => `[${id}](${id}.md)`,
    fix: (id: string) => `[${id}](../reference.md#${id})`,
    fact: (key: string) => factLink(key, units, '../reference.md'),
  };
  return Object.fromEntries(rules.map((rule) => [`docs/causes/${rule.id}.md`, causePage(rule, rules, ids)]));
}

function causeTable(rules: readonly Rule[]): string {
  const rows = rules.map(
    ({ id, description, fix }) => `| [${id}](causes/${id}.md) | ${cell(description)} | ${fix ? link(fix) : '–'} |`,
  );
  return ['| cause | meaning | fix |', '|---|---|---|', ...rows].join('\n');
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : 1;
}

/** What provides a fact. */
type Unit = Probe | ComputedFact;

function probeSection(probe: Probe): string {
  const where =
    probe.place === 'node'
      ? `the ${probe.places.join(', ')} node`
      : probe.runsOn
        ? `the ${probe.runsOn.join(' and ')} node`
        : 'the API server';
  return [
    `### ${probe.id}`,
    probe.description,
    bullets([
      `Kind: ${probe.kind}${probe.essential ? '; without it, the verdict is never healthy' : ''}`,
      `Runs on: ${where}`,
      ...line('Reads of the API', unique((probe.reads ?? []).map(readWords))),
      ...line(
        'Runs',
        probe.commands.map(({ id }) => code(id)),
      ),
      ...line('Needs', probe.needs.map(code)),
      `Provides: ${probe.provides.map(code).join(', ')}`,
    ]),
  ].join('\n\n');
}

function computedSection(
  { id, description, essential, needs, considers = [] }: ComputedFact,
  units: readonly Unit[],
): string {
  const from = needs.map((key) => factLink(key, units)).join(', ') || 'the available facts among the following';
  return [
    `### ${id}`,
    description,
    bullets([
      `Follows from: ${from}`,
      ...line(
        'Considers',
        considers.map((key) => factLink(key, units)),
      ),
      ...(essential ? ['Without it, the verdict is never healthy'] : []),
    ]),
  ].join('\n\n');
}

function fixSection(fix: Fix): string {
  const rights = fix.permissions.map(
    ({ group, resource, verbs, names, namespace }) =>
      `${verbs.join(', ')} ` +
      `${code(group ? `${resource}.${group}` : resource)}${names ? ` named ${names.map(code).join(', ')}` : ''}` +
      (namespace === undefined ? '' : ` in ${code(namespace)}`),
  );
  return [
    `### ${fix.id}`,
    fix.description,
    bullets([
      `Risk: ${fix.risk}`,
      `Takes: up to ${fix.during.seconds} s, then its verify; traffic: ${fix.during.traffic}`,
      ...line('Reads of the API', unique((fix.reads ?? []).map(readWords))),
      ...line(
        'Runs',
        fix.commands.map(({ id }) => code(id)),
      ),
      ...rights.map((right) => `Right: ${right}`),
      ...fix.controls.map(({ watches }) => `Watched before and after: ${watches}`),
    ]),
  ].join('\n\n');
}

/** Calico's kinds are declared once for each of their two API groups. */
function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}

function readWords({ verb, kind, subresource, where, names }: ApiRead): string {
  const named = names ? ` named ${names.map(code).join(' or ')}` : '';
  const within = where === 'calico' ? " in Calico's namespaces" : '';
  return `${verb} ${code(subresource ? `${kind}/${subresource}` : kind)}${named}${within}`;
}

function commandTable(commands: readonly Command[]): string {
  const rows = commands.map(
    ({ id, argv, input, timeoutSeconds, maxBytes, writes }) =>
      `| ${code(id)} | ${cell(code(commandLine(argv, input)))} | ${timeoutSeconds} s | ${size(maxBytes)} | ` +
      `${writes ? 'yes' : 'no'} |`,
  );
  return ['| id | command | at most | output at most | changes something |', '|---|---|---|---|---|', ...rows].join(
    '\n',
  );
}

/** Table cells end at a bar, also inside code. */
function cell(text: string): string {
  return text.replaceAll('|', String.raw`\|`);
}

function size(bytes: number): string {
  return bytes >= 1_000_000 ? `${bytes / 1_000_000} MB` : `${bytes / 1000} kB`;
}

function factLink(key: string, units: readonly Unit[], page = ''): string {
  const [name] = key.split('@');
  const unit = units.find((one) => ('provides' in one ? one.provides.some((fact) => fact === name) : one.id === name));
  return unit ? `[${code(key)}](${page}#${unit.id})` : code(key);
}

function link(id: string): string {
  return `[${id}](#${id})`;
}

function code(text: string): string {
  return text.includes('`') ? `\`\` ${text} \`\`` : `\`${text}\``;
}

function line(title: string, items: readonly string[]): readonly string[] {
  return items.length > 0 ? [`${title}: ${items.join(', ')}`] : [];
}

function bullets(items: readonly string[]): string {
  return items.map((item) => `- ${item}`).join('\n');
}
