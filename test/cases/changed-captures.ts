/** Captures in which one thing is another than it was. */
import { LookError } from '../../src/model/look-error.ts';
import type { NodeShells } from '../../src/model/ports.ts';
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

/**
 * The same cluster, whose nodes have what Felix programmed in nftables mode instead of rules of iptables. The packets of
 * the scenario are counted where a tier ends.
 */
export function onNftables(capture: Capture, listings: Capture): Capture {
  const text = (path: string) => {
    if (/^n\d\/(?:after\.)?(?:iptables|ipset)-/.test(path)) return path.includes('/after.') ? null : '';
    if (!/^n\d\/(?:after\.)?nft-list-ruleset/.test(path)) return capture.text(path);
    const listed = listings.text(path.replace('after.', ''));
    return path.includes('/after.')
      ? (listed?.replaceAll(/(End of tier .{0,300}?"counter": \{"packets": )0/g, '$13') ?? null)
      : listed;
  };
  return { ...capture, name: listings.name, text };
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

/** No packet of the scenario got an answer, and no counter rose for it. */
export function unanswered(capture: Capture): Capture {
  const text = (path: string) =>
    path === 'ground-truth.txt' ? '' : /\/after\./.test(path) ? null : capture.text(path);
  return { ...capture, text };
}

/** Nodes on which no packet is captured. */
export function withoutTcpdump(shells: NodeShells): NodeShells {
  const shellOf: NodeShells['shell'] = (address) => {
    const shell = shells.shell(address);
    return {
      ...shell,
      start: (request) => {
        if (request.command.id !== 'tcpdump-flow') return shell.start(request);
        const none = Promise.reject(new LookError('not-recorded', 'the capture does not hold it'));
        none.catch(() => {});
        return { ready: none, result: none, stop: () => {} };
      },
    };
  };
  return { ...shells, shell: shellOf };
}
