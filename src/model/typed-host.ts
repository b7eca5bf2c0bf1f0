/** Names of hosts as programs log them, as targets: Kubernetes' DNS names, URLs, addresses. */
import { addressIn, isNamespace, isObjectName } from './target-grammar.ts';

export interface TypedHost {
  /** A target; an address without a namespace stands alone. */
  readonly target: string;
  /** As it was typed, or as the scheme has it. */
  readonly port: string | null;
}

const schemePorts = new Map([
  ['http', '80'],
  ['https', '443'],
]);

const withScheme = /^(?:([a-z][a-z0-9+.-]{0,20}):\/\/)?(.{1,300})$/s;
const withPort = /^(\[[^\]]{1,45}\]|[^:/[\]]{1,253}):(\d{1,5})$/;

/** `scheme://HOST:PORT/…`, `HOST:PORT` or `HOST`; null: it names no Service, pod or address for certain. */
export function typedHost(text: string): TypedHost | null {
  const [, scheme, rest = ''] = withScheme.exec(text.toLowerCase()) ?? [];
  const authority = scheme === undefined ? rest : (rest.split(/[/?#]/)[0] ?? '').replace(/^[^@]*@/, '');
  const [, host = authority, typed = null] = withPort.exec(authority) ?? [];
  const target = addressIn(host) ?? nameOf(host.replace(/\.$/, ''), scheme !== undefined || typed !== null);
  return target === null ? null : { target, port: typed ?? schemePorts.get(scheme ?? '') ?? null };
}

/** @param isHost a port or a scheme stands beside it: a pod has no name in DNS that is as short */
function nameOf(host: string, isHost: boolean): string | null {
  const labels = host.split('.');
  if (!labels.every(isNamespace)) return null;
  const [first = '', second = '', third, fourth] = labels;
  if (third === 'svc') return `svc:${second}/${first}`;
  // A pod behind a headless Service.
  if (fourth === 'svc') return `${third ?? ''}/${first}`;
  if (third === 'pod') {
    const address = addressIn(first.replaceAll('-', '.')) ?? addressIn(first.replaceAll('-', ':'));
    return address === null ? null : `address:${second}/${address}`;
  }
  return isHost && labels.length === 2 && isObjectName(host) ? `svc:${second}/${first}` : null;
}
