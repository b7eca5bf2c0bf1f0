import type { Tunnel } from './contract.ts';
import { askedBare, askedDatagramBare } from './filters.ts';

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
  read(record) {
    const at = record.indexOf('IP ');
    return at < 0 ? null : { outer: null, inner: record.slice(at) };
  },
};
