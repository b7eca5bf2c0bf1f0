/**
 * Alerts in the posts of Alertmanager, Grafana, PagerDuty and their kin. Their texts are templates that people change:
 * what counts are lines `NAME: VALUE` or `NAME = VALUE`, lines of `NAME=VALUE` pairs, and the status in the title. What
 * has no such form is text.
 */
import { alertTarget } from '../model/alert-target.ts';
import { matchText, type TextPattern } from '../model/alert-text.ts';
import type { Posted, PostedPart } from '../model/slack-delivery.ts';

export interface PostedAlert {
  /** `other`: a person took it up, which is no alert and no end of one. */
  readonly status: 'firing' | 'resolved' | 'other';
  readonly name: string;
  readonly labels: Words;
  readonly annotations: Words;
  /** Names of labels that are Prometheus' own: the same in each post of the alert. */
  readonly exact: readonly string[];
}
type Words = Readonly<Record<string, string>>;

/** Alerts read of one post. */
export const mostPosted = 20;
const mostWords = 60;
/** Lines of an alert in which a pattern, or the kind of an object, is looked for. */
const mostTexts = 100;

/**
 * Returns the alerts of a post; `more`: beyond the limit, and not read.
 * @param given patterns and templates as the configuration has them
 */
export function readPost(
  { parts }: Pick<Posted, 'parts'>,
  { patterns, templates }: { readonly patterns: readonly TextPattern[]; readonly templates: readonly string[] },
): { readonly alerts: readonly PostedAlert[]; readonly more: number } {
  const [head, ...attached] = parts;
  if (!head) return { alerts: [], more: 0 };
  // Attachments that say their own status are alerts of their own.
  const own = attached.filter((part) => statusOf(part.lines[0] ?? '') !== null || titleOf(part) !== null);
  const groups = own.length > 1 ? own.map((part) => [part]) : [parts];
  const drafts = groups.flatMap((group) => readGroup(group));
  return {
    alerts: drafts.slice(0, mostPosted).map((one) => finished(one, patterns, templates)),
    more: Math.max(0, drafts.length - mostPosted),
  };
}

interface Draft {
  status: PostedAlert['status'] | null;
  title: string | null;
  readonly labels: Map<string, string>;
  readonly annotations: Map<string, string>;
  readonly exact: Set<string>;
  /** What has no form. */
  readonly texts: string[];
}
const draft = (status: Draft['status'], title: string | null): Draft => ({
  status,
  title,
  labels: new Map(),
  annotations: new Map(),
  exact: new Set(),
  texts: [],
});

function readGroup(parts: readonly PostedPart[]): readonly Draft[] {
  const whole = draft(null, null);
  const alerts: Draft[] = [];
  let [current, section, status]: [Draft, 'labels' | 'annotations' | null, Draft['status']] = [whole, null, null];
  const begin = () => {
    current = draft(status, whole.title);
    alerts.push(current);
  };
  for (const [at, line] of parts.flatMap(({ lines }) => lines).entries()) {
    const words = undecorated(line);
    const heading = /^(labels|annotations):?$/i.exec(words)?.[1]?.toLowerCase();
    if (heading === 'labels') begin();
    if (heading === 'labels' || heading === 'annotations') {
      section = heading;
      continue;
    }
    const turn = /^(?:alerts )?(firing|resolved):?$/i.exec(words)?.[1];
    if (turn !== undefined) {
      status = statusWord(turn);
      [current, section] = [whole, null];
      continue;
    }
    const title = titleIn(words);
    if (title && whole.title === null) {
      whole.title = title.name;
      whole.texts.push(title.whole);
      whole.status = title.status;
      continue;
    }
    whole.status ??= at < 3 ? statusOf(words) : null;
    const { isExact, pairs } = pairsIn(words);
    if (pairs.length === 0) current.texts.push(words);
    for (const [name, value] of pairs) {
      if (name === 'alertname' && current.labels.has(name)) begin();
      const word = name === 'status' || name === 'state' ? statusWord(value) : null;
      if (word !== null && current.status === null) current.status = word;
      const into = section ?? (annotationNames.has(name) ? 'annotations' : 'labels');
      const map = current[into];
      if (map.has(name) || map.size >= mostWords) continue;
      map.set(name, value);
      if (into === 'labels' && (isExact || section === 'labels')) current.exact.add(name);
    }
  }
  for (const link of parts.flatMap(({ links }) => links)) addLink(whole.annotations, link);
  if (alerts.length === 0) return [whole];
  return alerts.map((one) => ({
    status: one.status ?? whole.status,
    title: one.title,
    labels: new Map([...whole.labels, ...one.labels]),
    annotations: new Map([...whole.annotations, ...one.annotations]),
    exact: one.exact,
    texts: [...whole.texts, ...one.texts],
  }));
}

function finished(
  { status, title, labels: found, annotations: told, exact, texts }: Draft,
  patterns: readonly TextPattern[],
  templates: readonly string[],
): PostedAlert {
  const annotations = Object.fromEntries(told);
  const lines = [...texts, ...told.values()].slice(0, mostTexts);
  const matched = patterns.map((pattern) => lines.map((line) => matchText(pattern, line)).find((one) => one !== null));
  const labels = { ...matched.find((one) => one), ...Object.fromEntries(found) };
  const isMapped = typeof alertTarget({ labels, annotations }, templates) !== 'string';
  const named = isMapped ? {} : objectIn(lines);
  const name = (found.get('alertname') ?? title ?? withoutStatus(texts[0] ?? 'alert')).slice(0, 200);
  const summary = annotations['summary'] ?? annotations['description'] ?? texts.join(' ').slice(0, 1000);
  return {
    status: status ?? 'firing',
    name,
    labels: { ...labels, ...named, alertname: name },
    annotations: { ...annotations, ...(summary === '' ? {} : { summary }) },
    exact: [...exact].filter((label) => !/^[\d.,:%+-]{1,40}$/.test(found.get(label) ?? '')),
  };
}

const annotationNames: ReadonlySet<string> = new Set([
  'summary',
  'description',
  'message',
  'runbook',
  'runbook_url',
  'dashboard',
  'dashboard_url',
  'graph',
  'source',
  'panel',
  'silence',
  'details',
]);

/** Without the marks before and behind a line: bullets, emoji, stars, quotes. */
function undecorated(line: string): string {
  return line
    .slice(0, 1000)
    .replace(/^(?:\s|:[a-z0-9_+-]{1,40}:|[^\p{L}\p{N}[({:\s]){1,80}/u, '')
    .replace(/[\s*`]{1,20}$/, '');
}

const titled = /^\[(firing|resolved|alerting|ok)(?::\d{1,6})?(?:,[^\]]{0,60})?\]\s{0,5}(.{0,300})/i;

/** `[FIRING:2] NAME (values of labels)`. */
function titleIn(
  words: string,
): { readonly status: PostedAlert['status'] | null; readonly name: string; readonly whole: string } | null {
  const [, status, rest = ''] = titled.exec(words) ?? [];
  if (status === undefined) return null;
  const name = (rest.split(' (')[0] ?? '').replace(/^[*`\s]{1,5}/, '').trim();
  return { status: statusWord(status), name: name === '' ? rest.trim() : name, whole: rest };
}

const titleOf = ({ lines }: PostedPart) =>
  lines
    .slice(0, 3)
    .map((line) => titleIn(undecorated(line)))
    .find((one) => one !== null) ?? null;

/** The status with which a line begins. */
function statusOf(line: string): PostedAlert['status'] | null {
  const [word] = /^[a-z]{2,12}(?=[\s:#*]|$)/i.exec(undecorated(line)) ?? [];
  return word === undefined ? null : statusWord(word);
}

/** A title of PagerDuty without its status and the number of its incident: the same when it is resolved. */
function withoutStatus(line: string): string {
  const rest = statusOf(line) === null ? line : line.replace(/^[a-z]{2,12}/i, '');
  return rest.replace(/^[\s:*]{1,10}/, '').replace(/^\[?#\d{1,12}\]?[\s:*]{0,5}/, '') || line;
}

const statusWords: ReadonlyMap<string, PostedAlert['status']> = new Map([
  ['firing', 'firing'],
  ['alerting', 'firing'],
  ['triggered', 'firing'],
  ['resolved', 'resolved'],
  ['ok', 'resolved'],
  ['recovered', 'resolved'],
  ['acknowledged', 'other'],
  ['acked', 'other'],
  ['assigned', 'other'],
  ['escalated', 'other'],
  ['reassigned', 'other'],
]);
const statusWord = (word: string) => statusWords.get(word.trim().toLowerCase()) ?? null;

/** Names of labels as Prometheus writes them. */
function nameOf(name: string): string {
  const lower = name
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]{1,5}/g, '_');
  return lower === 'alert' || lower === 'alert_name' ? 'alertname' : lower;
}

/** Labels of a line; none: it is text. `isExact`: it has the form in which Prometheus writes labels. */
function pairsIn(words: string): { readonly isExact: boolean; readonly pairs: readonly (readonly [string, string])[] } {
  const given = words.replace(/^[A-Za-z ]{1,30}:\s{1,3}(?=[\w.]{1,63}=|\{)/, '').replaceAll(/[{}]/g, ' ');
  const parts = given.split(/[\s,]{1,10}/).filter((part) => part !== '');
  const exact = parts.map((part) => /^([A-Za-z_][\w.]{0,62})=("?)([^"=]{1,253})\2$/.exec(part));
  if (exact.length > 0 && exact.every((pair) => pair !== null))
    return { isExact: true, pairs: exact.map(([, name = '', , value = '']) => [nameOf(name), value]) };
  const [, name = '', value = ''] = namedValue.exec(words) ?? [];
  const bare = value.replace(/[*`"\s]{1,5}$/, '');
  return { isExact: false, pairs: name === '' || bare === '' ? [] : [[nameOf(name), bare]] };
}

const namedValue =
  /^([A-Za-z_][\w.-]{0,62}(?: [\w.-]{1,30}){0,2})[*`]{0,3}\s{0,3}[:=](?!\/\/)[*`]{0,3}\s{0,3}[*`"]{0,3}(\S.{0,999})$/;

function addLink(annotations: Map<string, string>, { text, address }: PostedPart['links'][number]): void {
  const name = /\b(runbook|dashboard|panel|graph|query|source)\b/i.exec(text.slice(0, 100))?.[1]?.toLowerCase();
  if (name === undefined) return;
  const into = name === 'runbook' ? 'runbook_url' : 'dashboard_url';
  const known = annotations.get(into);
  if (known === undefined || !/^https?:/.test(known)) annotations.set(into, address);
}

const objectKinds: ReadonlySet<string> = new Set(['pod', 'deployment', 'statefulset', 'daemonset', 'service']);
const objectWords = /(?<![\w-])([a-z]{3,11})\s{1,3}[`"'*]{0,2}([a-z0-9][-a-z0-9]{0,62})\/([a-z0-9][-.a-z0-9]{0,252})/gi;

/** The one object that the text names by its kind, as those of kube-prometheus do: `Pod NAMESPACE/NAME`. */
function objectIn(lines: readonly string[]): Words {
  const found = new Map<string, Words>();
  for (const line of lines)
    for (const [, kind = '', namespace = '', named = ''] of line.matchAll(objectWords)) {
      const name = named.replace(/[-.]{1,9}$/, '');
      const label = kind.toLowerCase();
      if (objectKinds.has(label)) found.set(`${label} ${namespace}/${name}`, { namespace, [label]: name });
    }
  const [only, ...more] = found.values();
  return only && more.length === 0 ? only : {};
}
