/**
 * Alerts in the posts of Alertmanager, Grafana, PagerDuty and their kin. Their texts are templates that people change:
 * what counts are lines `NAME: VALUE` or `NAME = VALUE`, lines of `NAME=VALUE` pairs, and the status in the title. What
 * has no such form is text.
 */
import { alertTarget } from '../model/alert-target.ts';
import { matchText, unmarked, type TextPattern } from '../model/alert-text.ts';
import type { Posted, PostedPart } from '../model/slack-delivery.ts';
import {
  objectsIn,
  pairsIn,
  statusIn,
  statusWord,
  titleIn,
  undecorated,
  withoutNumber,
  type PostedStatus,
} from './post-lines.ts';

export interface PostedAlert {
  readonly status: PostedStatus;
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
  if (!head || parts.every(({ lines }) => lines.length === 0)) return { alerts: [], more: 0 };
  // Attachments that say their own status are alerts of their own.
  const own = attached.filter((part) => statusIn(undecorated(part.lines[0] ?? '')) !== null || hasTitle(part));
  const groups = own.length > 1 ? own.map((part) => [part, head]) : [parts];
  const drafts = groups.flatMap((group) => readGroup(group));
  const labelsIn = matching(patterns);
  const alerts: PostedAlert[] = [];
  let left = drafts.length;
  // What is behind the limit is only counted: all texts of a post may belong to each of thousands of alerts.
  for (const one of drafts.slice(0, mostPosted)) {
    if (alerts.length >= mostPosted) break;
    alerts.push(...finished(one, labelsIn, templates));
    left -= 1;
  }
  return { alerts: alerts.slice(0, mostPosted), more: Math.max(0, alerts.length - mostPosted) + left };
}

type LabelsIn = (line: string) => Words;

/** Returns what finds labels in a line, once for each line of a post. */
function matching(patterns: readonly TextPattern[]): LabelsIn {
  const known = new Map<string, Words>();
  return (line) => {
    const found =
      known.get(line) ?? patterns.map((one) => matchText(one, line)).find((labels) => labels !== null) ?? {};
    known.set(line, found);
    return found;
  };
}

interface Draft {
  status: PostedStatus | null;
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
  /** It has its name, and its labels come. */
  let named: Draft | null = null;
  const begin = () => {
    current = draft(status, whole.title);
    alerts.push(current);
  };
  for (const [at, line] of parts.flatMap(({ lines }) => lines).entries()) {
    let words = undecorated(line);
    const heading = /^(labels|annotations):?$/i.exec(words)?.[1]?.toLowerCase();
    if (heading === 'labels') {
      if (current === whole && whole.labels.has('alert')) alerts.push((current = takenOut(whole, 'alert')));
      else if (current !== named) begin();
      named = null;
    }
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
    const stated = at < 3 && whole.status === null ? statusIn(words) : null;
    // What a person did to an alert stands in its first line. Further down, it may be a field of any alert.
    if (stated && (at === 0 || stated.status !== 'other')) {
      whole.status = stated.status;
      words = stated.rest;
      if (words === '') continue;
    }
    const { isExact, pairs } = pairsIn(words);
    if (pairs.length === 0) current.texts.push(words);
    for (const [name, value] of pairs) {
      // The name of the next one, before the heading of its labels. An item of a list is a label of this one.
      if (section !== null && name === 'alert' && !isExact && !/^[-•◦▪*] /.test(line)) {
        section = null;
        begin();
        named = current;
      }
      if (section === null && ofTargets.has(name) && current.labels.has(name)) {
        if (current === whole) alerts.push(takenOut(whole, name));
        begin();
      }
      // Under the heading of labels it is one of Prometheus.
      const word = section === null && (name === 'status' || name === 'state') ? statusWord(value) : null;
      if (word !== null && current.status === null) current.status = word;
      const into = section ?? (annotationNames.has(name) ? 'annotations' : 'labels');
      const map = current[into];
      if (map.has(name) || map.size >= mostWords) continue;
      map.set(name, value);
      if (into === 'labels' && (isExact || section === 'labels')) current.exact.add(name);
    }
  }
  addLinks(
    whole.annotations,
    parts.flatMap(({ links }) => links),
    alerts.length > 1,
  );
  if (alerts.length === 0) return [whole];
  const common = whole.texts.slice(0, mostTexts);
  return alerts.map((one) => ({
    status: one.status ?? whole.status,
    title: one.title,
    labels: new Map([...whole.labels, ...one.labels]),
    annotations: new Map([...whole.annotations, ...one.annotations]),
    exact: one.exact,
    texts: [...common, ...one.texts],
  }));
}

/** The label that names the first alert of several says where it begins: what stands before is of all of them. */
function takenOut(whole: Draft, label: string): Draft {
  const first = draft(null, whole.title);
  const names = [...whole.labels.keys()];
  for (const name of names.slice(names.indexOf(label))) {
    first.labels.set(name, whole.labels.get(name) ?? '');
    whole.labels.delete(name);
    if (whole.exact.delete(name)) first.exact.add(name);
  }
  for (const [name, value] of whole.annotations) first.annotations.set(name, value);
  whole.annotations.clear();
  return first;
}

/** One alert, or one for each target that its text names. */
function finished(
  { status, title, labels: found, annotations: told, exact, texts }: Draft,
  labelsIn: LabelsIn,
  templates: readonly string[],
): readonly PostedAlert[] {
  const annotations = Object.fromEntries(told);
  const own = Object.fromEntries(found);
  const lines = [...texts, ...told.values()].slice(0, mostTexts).map(unmarked);
  const matched = distinct(lines.map(labelsIn));
  const maps = (labels: Words) => typeof alertTarget({ labels, annotations }, templates) !== 'string';
  const first = { ...matched[0], ...own };
  const fromText = matched.map((labels) => ({ ...labels, ...own }));
  const named = maps(own)
    ? [first]
    : maps(first)
      ? fromText
      : objectsIn(lines).map((labels) => ({ ...first, ...labels }));
  const name = (own['alertname'] ?? own['alert'] ?? title ?? withoutNumber(texts[0] ?? 'alert')).slice(0, 200);
  const summary = annotations['summary'] ?? annotations['description'] ?? texts.join(' ').slice(0, 1000);
  return (named.length > 0 ? named : [first]).map((labels) => ({
    status: status ?? 'firing',
    name,
    labels: { ...labels, alertname: name },
    annotations: { ...annotations, ...(summary === '' ? {} : { summary }) },
    exact: [...exact].filter((label) => !/^[\d.,:%+-]{1,40}$/.test(own[label] ?? '')),
  }));
}

/** Each once, and none that is empty. */
function distinct(all: readonly Words[]): readonly Words[] {
  const each = new Map(all.map((one) => [JSON.stringify(one), one]));
  each.delete('{}');
  return [...each.values()];
}

/** Named twice, another alert begins. */
const ofTargets: ReadonlySet<string> = new Set([
  'alert',
  'alertname',
  'namespace',
  'pod',
  'deployment',
  'statefulset',
  'daemonset',
  'service',
  'instance',
]);

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

const hasTitle = ({ lines }: PostedPart) => lines.slice(0, 3).some((line) => titleIn(undecorated(line)) !== null);

/** Adds runbook and dashboard. Of several alerts nobody can tell which one a link is of, if there is another one. */
function addLinks(annotations: Map<string, string>, links: PostedPart['links'], areSeveral: boolean): void {
  const named = links.flatMap(({ text, address }) => {
    const name = /\b(runbook|dashboard|panel|graph|query|source)\b/i.exec(text.slice(0, 100))?.[1]?.toLowerCase();
    return name === undefined ? [] : [{ into: name === 'runbook' ? 'runbook_url' : 'dashboard_url', address }];
  });
  for (const [into, all] of Map.groupBy(named, (one) => one.into)) {
    const addresses = new Set(all.map(({ address }) => address));
    const [first = ''] = addresses;
    const known = annotations.get(into);
    if (areSeveral && addresses.size > 1) continue;
    if (known === undefined || !/^https?:/.test(known)) annotations.set(into, first);
  }
}
