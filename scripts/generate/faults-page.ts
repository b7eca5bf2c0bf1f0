import { encaps as allEncaps } from '../../tools/lab/encapsulation.ts';
import { datastores as allDatastores } from '../../tools/lab/topology.ts';
import type { Fault, Judgement } from '../../tools/lab/faults/fault.ts';
import { describeFlow, type Flow } from '../../tools/lab/faults/flows.ts';

const head = `# Faults of the lab

\`npm run generate\` makes this page from the files in [catalogue](catalogue).
\`npm run -s lab -- break NAME [key=value…]\` breaks one, and \`heal\` takes it back.`;

/** The page of the lab's faults, tools/lab/faults/README.md. */
export function faultsPage(faults: readonly Fault[]): string {
  return `${[head, ...faults.map(section)].join('\n\n')}\n`;
}

function section(fault: Fault): string {
  const { name, summary, parameters, parts, partsWith, partsInKubernetes, partsInEra2 } = fault;
  const { encaps, datastores, eras, expects, variants } = fault;
  const cases = [{ parameters: {}, expects }, ...variants];
  return [
    `## ${name}`,
    `${summary}.`,
    bullets([
      ...(parts.length > 0 ? [`Made of: ${parts.join(', ')}`] : []),
      ...Object.entries(partsWith).map(([encap, others]) => `With \`--encap ${encap}\` made of: ${others.join(', ')}`),
      ...Object.entries(partsInKubernetes).map(
        ([part, other]) => `With \`--datastore kubernetes\`: ${other} for ${part}`,
      ),
      ...Object.entries(partsInEra2).map(([part, other]) => `With \`--era 2\`: ${other} for ${part}`),
      ...(eras.includes('2') ? [eras.includes('3') ? 'Also with `--era 2`' : 'Needs `--era 2`'] : []),
      ...(encaps.length < allEncaps.length ? [`Needs \`--encap ${encaps.join('|')}\``] : []),
      ...(datastores.length < allDatastores.length ? [`Needs \`--datastore ${datastores.join('|')}\``] : []),
      ...(fault.needsTypha ? ['Needs `--typha`'] : []),
      ...Object.entries(parameters).map(([key, meaning]) => `\`${key}\`: ${meaning}`),
    ]),
    ['| with | diagnosis | says | answers | does not answer |', '|---|---|---|---|---|', ...cases.map(row)].join('\n'),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function row({ parameters, expects }: Pick<Fault['variants'][number], 'parameters' | 'expects'>): string {
  const given = Object.entries(parameters).map(([key, value]) => `\`${key}=${value}\``);
  const judgements = [expects, ...expects.others];
  const cells = [
    given.join(' ') || '–',
    judgements.map(({ asks }) => `\`${asks.join(' ')}\``).join('<br>'),
    judgements.map(says).join('<br>'),
    list(expects.answers),
    list(expects.silent),
  ];
  return `| ${cells.join(' | ')} |`;
}

function says({ verdict, roots, consequences, latent }: Judgement): string {
  const parts = [
    ...(roots.length > 0 ? [`causes ${roots.join(', ')}`] : []),
    ...(consequences.length > 0 ? [`consequences ${consequences.join(', ')}`] : []),
    ...(latent.length > 0 ? [`other faults ${latent.join(', ')}`] : []),
  ];
  return parts.length > 0 ? `${verdict}: ${parts.join('; ')}` : verdict;
}

const list = (flows: readonly Flow[]) => flows.map(describeFlow).join('<br>') || '–';

const bullets = (lines: readonly string[]) => lines.map((line) => `- ${line}`).join('\n');
