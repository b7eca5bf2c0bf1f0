import type { Tunnel } from './contract.ts';
import { askedBare, askedDatagramBare } from './filters.ts';
import { askedBare6, askedDatagramBare6 } from './filters6.ts';

/** No tunnel: the packet travels between the nodes as it is. */
export const none: Tunnel = {
  kind: 'none',
  name: 'unencapsulated',
  device: null,
  protocol: null,
  port: null,
  headerBytes: 0,
  refusal: null,
  routedByNode: false,
  captureFilter: askedBare,
  datagramFilter: askedDatagramBare,
  outer(inner) {
    return inner;
  },
  read: readFrom('IP '),
};

/** The same of IPv6. */
export const none6: Tunnel = {
  ...none,
  captureFilter: askedBare6,
  datagramFilter: askedDatagramBare6,
  read: readFrom('IP6 '),
};

function readFrom(start: 'IP ' | 'IP6 '): Tunnel['read'] {
  return (record) => {
    const at = record.indexOf(start);
    return at < 0 ? null : { outer: null, inner: record.slice(at) };
  };
}
