/** One line of a posted alert: its status, its title, its labels, and the objects that its text names. */

/** `other`: a person took it up, which is no alert and no end of one. */
export type PostedStatus = 'firing' | 'resolved' | 'other';
type Pair = readonly [string, string];

/** Without the marks before and behind it: bullets, emoji, stars, quotes. */
export function undecorated(line: string): string {
  return line
    .slice(0, 1000)
    .replace(/^(?:\s|:[a-z0-9_+-]{1,40}:|[^\p{L}\p{N}[({:\s]){1,80}/u, '')
    .replace(/[\s*`]{1,20}$/, '');
}

const titled = /^\[(firing|resolved|alerting|ok)(?::\d{1,6})?(?:,[^\]]{0,60})?\]\s{0,5}(.{0,300})/i;

/** `[FIRING:2] NAME (values of labels)`, or null. */
export function titleIn(
  words: string,
): { readonly status: PostedStatus | null; readonly name: string; readonly whole: string } | null {
  const [, status, rest = ''] = titled.exec(words) ?? [];
  if (status === undefined) return null;
  const name = (rest.split(' (')[0] ?? '').replace(/^[*`\s-]{1,5}/, '').trim();
  return { status: statusWord(status), name: name === '' ? rest.trim() : name, whole: rest };
}

/**
 * A status, and not the first word of a sentence ("OK count 0", "Closed connections"): a firing alert that is taken for
 * an end is lost. It stands alone, in capitals, or before a mark, the number of an incident, a person or a time.
 */
const marked =
  /^((?:(?:new|alert) )?[a-z]{2,12})(?=[:#*!]|$| \[?#\d| (?:by|via) | [|–—-] | in(?: \d{1,5}[a-z]{1,3}){1,5}:)/i;
const inCapitals = /^([A-Z]{6,12})(?= )/;

/** The status with which a line begins, and what is behind it; null: it begins with none. */
export function statusIn(words: string): { readonly status: PostedStatus; readonly rest: string } | null {
  const [, word = ''] = marked.exec(words) ?? inCapitals.exec(words) ?? [];
  const status = statusWord(word);
  if (status === null) return null;
  const rest = words.slice(word.length).replace(/^ in(?: \d{1,5}[a-z]{1,3}){1,5}(?=:)/, '');
  return { status, rest: rest.replace(/^[\s:*!`|–—-]{1,10}/, '') };
}

const statusWords: ReadonlyMap<string, PostedStatus> = new Map([
  ['firing', 'firing'],
  ['alerting', 'firing'],
  ['triggered', 'firing'],
  ['problem', 'firing'],
  ['new alert', 'firing'],
  ['resolved', 'resolved'],
  ['ok', 'resolved'],
  ['recovered', 'resolved'],
  ['closed', 'resolved'],
  ['alert closed', 'resolved'],
  ['acknowledged', 'other'],
  ['alert acknowledged', 'other'],
  ['acked', 'other'],
  ['assigned', 'other'],
  ['escalated', 'other'],
  ['reassigned', 'other'],
]);
export const statusWord = (word: string) => statusWords.get(word.trim().toLowerCase()) ?? null;

/** Without the number of an incident: the same when it is resolved. */
export function withoutNumber(line: string): string {
  return line.replace(/^\[?#\d{1,12}\]?[\s:*]{0,5}/, '') || line;
}

/** Names of labels as Prometheus writes them. */
function nameOf(name: string): string {
  const lower = name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]{1,5}/g, '_');
  return lower === 'alert_name' ? 'alertname' : lower;
}

/** Labels of a line; none: it is text. `isExact`: it has the form in which programs write labels. */
export function pairsIn(words: string): { readonly isExact: boolean; readonly pairs: readonly Pair[] } {
  const given = words.replace(/^[A-Za-z ]{1,30}:\s{1,3}(?=[\w.]{1,63}=|\{)/, '').replaceAll(/[{}]/g, ' ');
  const parts = given.split(/[\s,]{1,10}/).filter((part) => part !== '');
  const exact = parts.map((part) => /^([A-Za-z_][\w.]{0,62})=("?)([^"=]{1,253})\2$/.exec(part));
  if (exact.length > 0 && exact.every((pair) => pair !== null))
    return { isExact: true, pairs: exact.map(([, name = '', , value = '']) => [nameOf(name), value]) };
  const [, tags] = /^(?:tags|labels)[*`]{0,3}\s{0,3}[:=][*`]{0,3}(.{1,1000})$/i.exec(words) ?? [];
  const listed = tags === undefined ? [] : tagsIn(tags);
  if (listed.length > 0) return { isExact: true, pairs: listed };
  const [, name = '', value = ''] = namedValue.exec(words) ?? [];
  const bare = value.replace(/[*`"\s]{1,5}$/, '');
  return { isExact: false, pairs: name === '' || bare === '' ? [] : [[nameOf(name), bare]] };
}

const namedValue =
  /^([A-Za-z_][\w.-]{0,62}(?: [\w.-]{1,30}){0,2})[*`]{0,3}\s{0,3}[:=](?!\/\/)[*`]{0,3}\s{0,3}[*`"]{0,3}(\S.{0,999})$/;

/** `namespace:shop, pod_name:api-0, monitor`: tags without a value are left out. */
function tagsIn(tags: string): readonly Pair[] {
  return tags.split(/[\s,]{1,10}/).flatMap((tag): readonly Pair[] => {
    const [, name, value] = /^[`"]{0,2}([A-Za-z_][\w.]{0,62})[:=]"?([^"`=]{1,253})["`]{0,2}$/.exec(tag) ?? [];
    return name === undefined || value === undefined ? [] : [[nameOf(name), value]];
  });
}

const objectKinds: ReadonlySet<string> = new Set(['pod', 'deployment', 'statefulset', 'daemonset', 'service']);
const objectWords = /(?<![\w-])([a-z]{3,11})\s{1,3}[`"'*]{0,2}([a-z0-9][-a-z0-9]{0,62})\/([a-z0-9][-.a-z0-9]{0,252})/gi;

/**
 * Labels of the objects that texts name by their kind, as those of kube-prometheus do: `Pod NAMESPACE/NAME`. Several
 * count if they are of one kind and in lines of their own; else nobody can tell which one is meant, and none counts.
 */
export function objectsIn(lines: readonly string[]): readonly Readonly<Record<string, string>>[] {
  const found = new Map<string, Readonly<Record<string, string>>>();
  const kinds = new Set<string>();
  let most = 0;
  for (const line of lines) {
    const own = new Set<string>();
    for (const [, word = '', namespace = '', named = ''] of line.matchAll(objectWords)) {
      const [kind, name] = [word.toLowerCase(), named.replace(/[-.]{1,9}$/, '')];
      if (!objectKinds.has(kind)) continue;
      kinds.add(kind);
      own.add(`${kind} ${namespace}/${name}`);
      found.set(`${kind} ${namespace}/${name}`, { namespace, [kind]: name });
    }
    most = Math.max(most, own.size);
  }
  return kinds.size > 1 || most > 1 ? [] : [...found.values()];
}
