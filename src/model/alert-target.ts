/** The target of an alert, from its labels and annotations. */
import { placeholder } from './alert-text.ts';
import { own } from './own.ts';
import { parseTarget, type AskedFlow } from './asked-flow.ts';
import type { FlowPort, TargetKind } from './target.ts';

type Words = Readonly<Record<string, string>>;

/**
 * Targets as people write them, with names of labels or annotations in braces. The first one counts whose names the
 * alert has, and that is a valid target. The names of workloads are those of kube-state-metrics.
 */
const usualTemplates: readonly string[] = [
  '{namespace}/{pod}',
  'deploy:{namespace}/{deployment}',
  'sts:{namespace}/{statefulset}',
  'ds:{namespace}/{daemonset}',
  'svc:{namespace}/{service}',
];
const workloadLabels = ['deployment', 'statefulset', 'daemonset'] as const;

/** Returns why a template of the configuration is of no use, or null. */
export function templateProblem(template: string): string | null {
  if (template.replaceAll(placeholder, '') === template) return `"${template}" names no label in braces`;
  const filled = ['x', '192.0.2.5'].map((example) => parseTarget(template.replaceAll(placeholder, example)));
  const [first] = filled;
  return filled.some(({ ok }) => ok) || !first || first.ok ? null : first.problem;
}

/** @returns the flow to diagnose, or a reason when nothing names one */
export function alertTarget(
  { labels, annotations }: { readonly labels: Words; readonly annotations: Words },
  templates: readonly string[],
): AskedFlow | string {
  const words = { ...annotations, ...labels };
  const tries = [
    ...templates.map((template) => fill(template, words)),
    ...usualTemplates.map((template) => fill(template, withoutExporter(words))),
  ].filter((text) => text !== null);
  for (const text of tries) {
    const target = parseTarget(text);
    if (target.ok) return { ...target.value, from: null, port: portOf(labels) ?? portAt(target.value, text) };
  }
  const [first] = tries;
  return first === undefined
    ? 'its labels name no pod, workload or Service'
    : `its labels do not name a valid target: ${first.slice(0, 100)}`;
}

function fill(template: string, words: Words): string | null {
  const names = [...template.matchAll(placeholder)].map(([, name = '']) => name);
  if (names.some((name) => !own(words, name))) return null;
  return template.replaceAll(placeholder, (_whole, name: string) => own(words, name) ?? '');
}

/**
 * An exporter such as kube-state-metrics is scraped as a pod of its own. Prometheus puts that pod's names into the
 * alert: beside those of the object as `exported_pod` and so on, or where the object has none, as `pod` beside
 * `deployment`. Such a pod is not the one that the alert is about.
 */
function withoutExporter(words: Words): Words {
  const exported = own(words, 'exported_namespace');
  const { pod, service: _service, ...others } = words;
  if (exported) {
    const [ownPod, ownService] = [own(words, 'exported_pod'), own(words, 'exported_service')];
    return {
      ...others,
      namespace: exported,
      ...(ownPod ? { pod: ownPod } : {}),
      ...(ownService ? { service: ownService } : {}),
    };
  }
  const workload = workloadLabels.map((label) => own(words, label)).find(Boolean);
  return pod && workload && !pod.startsWith(`${workload}-`) ? others : words;
}

/** Of an address as Prometheus writes an instance. */
function portAt({ kind }: { readonly kind?: TargetKind | undefined }, text: string): FlowPort | null {
  const [, port] = kind === 'address' ? (/(?:\/[\d.]{7,15}|\]):(\d{1,5})$/.exec(text) ?? []) : [];
  return port === undefined ? null : portOf({ port });
}

function portOf(labels: Words): FlowPort | null {
  const [text, protocol = 'tcp'] = [own(labels, 'port'), own(labels, 'protocol')];
  const number = Number(text);
  const isPort = text !== undefined && Number.isInteger(number) && number >= 1 && number <= 65_535;
  return isPort ? { protocol: protocol.toLowerCase() === 'udp' ? 'udp' : 'tcp', number } : null;
}
