/** The target that a message of any author names: an alert of any app, an address of a Service, or plain words. */
import { alertTarget } from '../model/alert-target.ts';
import type { TextPattern } from '../model/alert-text.ts';
import { parseTarget, type AskedFlow } from '../model/asked-flow.ts';
import type { PostedPart } from '../model/slack-delivery.ts';
import { parsePodName } from '../model/target-grammar.ts';
import { readPost } from './alert-post.ts';

const mostRead = 8000;

/**
 * Returns the first target that a message names; null: none.
 * @param given patterns and templates as the configuration has them for alerts
 */
export function mentionedTarget(
  parts: readonly PostedPart[],
  given: { readonly patterns: readonly TextPattern[]; readonly templates: readonly string[] },
): AskedFlow | null {
  for (const alert of readPost({ parts }, given).alerts) {
    const target = alertTarget(alert, given.templates);
    if (typeof target !== 'string') return target;
  }
  const text = parts
    .flatMap(({ lines }) => lines)
    .join('\n')
    .slice(0, mostRead);
  const addresses = parts.flatMap(({ links }) => links.map(({ address }) => address));
  return serviceIn([text, ...addresses].join('\n').slice(0, 2 * mostRead)) ?? podIn(text);
}

/** How pods call a Service: `NAME.NAMESPACE.svc`, alone or in a URL (Kubernetes, DNS for Services and Pods). */
const serviceName =
  /(?<![\w.-])(https?:\/\/)?([a-z0-9][-a-z0-9]{0,62})\.([a-z0-9][-a-z0-9]{0,62})\.svc(?![-a-z0-9])([^\s/]{0,120})/;
const portBehind = /^(?:\.[-.a-z0-9]{0,99})?:(\d{1,5})/;
const usualPorts: ReadonlyMap<string, number> = new Map([
  ['http://', 80],
  ['https://', 443],
]);

function serviceIn(text: string): AskedFlow | null {
  const [, scheme = '', name = '', namespace = '', behind = ''] = serviceName.exec(text) ?? [];
  const typed = portBehind.exec(behind)?.[1];
  const target = parseTarget(`svc:${namespace}/${name}`);
  if (!target.ok) return null;
  const number = typed === undefined ? usualPorts.get(scheme) : Number(typed);
  const isPort = number !== undefined && number >= 1 && number <= 65_535;
  return { ...target.value, from: null, port: isPort ? { protocol: 'tcp', number } : null };
}

/** By two labels beside each other, or as `NAMESPACE/POD`. */
function podIn(text: string): AskedFlow | null {
  const [, namespace] = /\bnamespace"?\s?[=:]\s?"?([a-z0-9][-a-z0-9]{0,62})/.exec(text) ?? [];
  const [, pod] = /\bpod"?\s?[=:]\s?"?([a-z0-9][-.a-z0-9]{0,252})/.exec(text) ?? [];
  const named = text.matchAll(/(?<![\w./:-])[a-z0-9][-a-z0-9]{0,62}\/[a-z0-9][-.a-z0-9]{0,252}(?![\w/])/g);
  const labelled = namespace !== undefined && pod !== undefined ? [`${namespace}/${pod}`] : [];
  for (const name of [...labelled, ...[...named].map(([whole]) => whole)]) {
    const found = parsePodName(name.replace(/[.-]{1,63}$/, ''));
    if (found.ok) return { ...found.value, from: null, port: null };
  }
  return null;
}
