/** Captures in which one thing is another than it was. */
import type { Capture } from './capture.ts';

/** One node's sets of allowed hosts have lost an address. */
export function withoutHost(capture: Capture, at: string, address: string): Capture {
  return {
    ...capture,
    text: (path) => {
      const text = capture.text(path);
      if (text === null || !path.startsWith(`${at}/`)) return text;
      if (path.endsWith('ipset-save.txt'))
        return text.replaceAll(new RegExp(String.raw`^add cali40all-(?:hosts|vxlan)-net ${address}\n`, 'gm'), '');
      return path.endsWith('nft-list-ruleset-json.txt')
        ? text.replaceAll(/("name": "cali40all-hosts-net"[^}]*?"elem": \[)[^\]]*\]/g, `$1"192.0.2.1"]`)
        : text;
    },
  };
}

/** Calico's object of a node has another address. */
export function holdingAddress(capture: Capture, node: string, address: string): Capture {
  return {
    ...capture,
    nodes: capture.nodes.map((one) =>
      one.metadata.name === node ? { ...one, spec: { ...one.spec, bgp: { ipv4Address: address } } } : one,
    ),
  };
}
