/** One folder of captures: what real Calico printed on two nodes, read by name. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import type { CalicoNode, CalicoPolicy, Profile, WorkloadEndpoint } from '../../src/model/calico.ts';

const root = fileURLToPath(new URL('../fixtures/captures/', import.meta.url));

export interface Capture {
  readonly name: string;
  readonly datastore: 'etcdv3' | 'kubernetes';
  /** The text of a file, null where the capture does not hold it. */
  text(path: string): string | null;
  readonly endpoints: readonly WorkloadEndpoint[];
  readonly nodes: readonly CalicoNode[];
  readonly profiles: readonly Profile[];
  readonly policies: readonly CalicoPolicy[];
}

export function readCapture(name: string): Capture {
  const text = (path: string) =>
    existsSync(`${root}${name}/${path}`) ? readFileSync(`${root}${name}/${path}`, 'utf8') : null;
  const items = (path: string): readonly never[] =>
    (parse((text(path) ?? '').replace(/\nexit \d+\s*$/, '\n')) as { items?: never[] } | null)?.items ?? [];
  return {
    name,
    datastore: name.includes('-kdd-') ? 'kubernetes' : 'etcdv3',
    text,
    endpoints: items('calicoctl/get-wep-all-yaml.txt'),
    nodes: items('calicoctl/get-node-yaml.txt'),
    profiles: items('calicoctl/get-profile-yaml.txt'),
    policies: items('calicoctl/get-networkpolicy-yaml.txt'),
  };
}

/** The node whose pods are asked about, and the one that asks. */
export const targetNode = 'n1';

/**
 * What the scenario's own pings and connects said: did this pod's try get through?
 * @param to where the captures of the eBPF dataplane say it of several
 */
export function groundTruth(
  capture: Capture,
  to: { readonly address?: string | undefined; readonly port?: string | undefined } = {},
): {
  fromClient: boolean;
  fromOwnNode: boolean;
  fromOtherNode: boolean;
  tcpFrom: readonly string[];
} {
  const text = capture.text('ground-truth.txt') ?? '';
  const address = (to.address ?? '10.244.1.5').replaceAll('.', String.raw`\.`);
  const ping = (from: string) => new RegExp(`^ping ${address} from ${from}: .* (\\d+)% packet loss`, 'm');
  const received = (heading: string) => {
    const at = text.indexOf(heading);
    return (
      at >= 0 &&
      !/ 100% packet loss/.test(text.slice(at).split('packets transmitted')[1]?.split('\n')[0] ?? ' 100% packet loss')
    );
  };
  const answered = (heading: string, line: RegExp) => {
    const loss = line.exec(text)?.[1];
    return loss === undefined ? received(heading) : loss !== '100';
  };
  const tcpFrom = [
    ...text.matchAll(/^tcp \d+ of \S+ from (\S+):\nconnected$/gm),
    ...text.matchAll(new RegExp(`^TCP ${address}:${to.port ?? '8080'} from pod (\\S+): connected$`, 'gm')),
  ].map((found) => found[1] ?? '');
  return {
    fromClient: answered('from pod client', ping('pod default.client')),
    fromOwnNode: answered('from its own node', ping('node n1')),
    fromOtherNode: answered('from node n2', ping('node n2')),
    tcpFrom,
  };
}
