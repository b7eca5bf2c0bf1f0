/**
 * Splits what a command printed under headings `# name`, a line each. No line of `ip` begins with a `#`.
 * @returns the text under each heading, by its name; what stands before the first is under `''`
 */
export function headedSections(text: string): ReadonlyMap<string, string> {
  const sections = new Map<string, string>();
  let name = '';
  for (const line of text.split('\n')) {
    if (line.startsWith('# ')) name = line.slice(2).trim();
    else sections.set(name, `${sections.get(name) ?? ''}${line}\n`);
    if (!sections.has(name)) sections.set(name, '');
  }
  return sections;
}
