import type { NodeKnowledge, Packet } from '../../model/ruleset/packet.ts';
import type { Hook } from '../../model/ruleset/places.ts';
import type { Action } from '../../model/ruleset/rules.ts';

type Rewriting = Extract<Action, { kind: 'dnat' | 'snat' | 'redirect' | 'masquerade' | 'netmap' }>;

export interface Rewritten {
  readonly packet: Packet;
  readonly side: 'source' | 'destination';
  readonly note: string;
  /** Why the new address or port is a guess; null where it is certain. */
  readonly uncertain: string | null;
}

/**
 * Returns the packet behind a nat target. If the kernel may choose among several addresses, the first stands for all.
 */
export function rewriteAddress(action: Rewriting, packet: Packet, hook: Hook, node: NodeKnowledge): Rewritten {
  switch (action.kind) {
    case 'dnat':
      return toAddress('destination', action.to, packet);
    case 'snat':
      return toAddress('source', action.to, packet);
    case 'redirect': {
      const address = hook === 'OUTPUT' ? '127.0.0.1' : carried(node, packet.inInterface);
      const port = firstPort(action.to);
      const to = {
        ...packet,
        destination: address ?? packet.destination,
        destinationPort: port ?? packet.destinationPort,
      };
      const uncertain = address === null ? 'the address of the interface of entry is not known' : null;
      return {
        packet: to,
        side: 'destination',
        uncertain,
        note: `redirected to the node itself${port === null ? '' : `, port ${port}`}`,
      };
    }
    case 'masquerade': {
      const address = carried(node, packet.outInterface);
      const uncertain = address === null ? 'the address of the interface of exit is not known' : null;
      return {
        packet: { ...packet, source: address ?? packet.source },
        side: 'source',
        uncertain,
        note: `source rewritten to ${address ?? 'the address of the interface of exit'}`,
      };
    }
    default: {
      const side = hook === 'PREROUTING' || hook === 'OUTPUT' ? 'destination' : 'source';
      return {
        packet,
        side,
        uncertain: 'the mapped address is not computed',
        note: `${side} mapped to ${action.to ?? 'another net'}`,
      };
    }
  }
}

const ranged = String.raw`(?:\d{1,3}\.){3}\d{1,3}(?:-[\d.]+)?|(?=[0-9a-f]*:)[0-9a-f:]+(?:-[0-9a-f:]+)?`;
const rewritten = new RegExp(String.raw`^(?:\[([^\]]+)\]|(${ranged})?)(?::(\d[^]*))?$`, 'i');

/** `10.0.0.1`, `10.0.0.1-10.0.0.9`, `10.0.0.1:80`, `:80-90`, `[fd00::1]:80`. */
function toAddress(side: 'source' | 'destination', to: string | null, packet: Packet): Rewritten {
  const [, bracketed, bare, ports] = to === null || to.length > longest ? [] : (rewritten.exec(to) ?? []);
  const addresses = bracketed ?? (bare === '' ? undefined : bare);
  const address = addresses?.split('-')[0];
  const port = ports === undefined ? null : firstPort(ports);
  const uncertain =
    address === undefined && port === null
      ? 'the new address is not understood'
      : addresses?.includes('-')
        ? 'the kernel chooses one address of a range'
        : null;
  const moved: Packet =
    side === 'source'
      ? { ...packet, source: address ?? packet.source, sourcePort: port ?? packet.sourcePort }
      : { ...packet, destination: address ?? packet.destination, destinationPort: port ?? packet.destinationPort };
  return { packet: moved, side, uncertain, note: `${side} rewritten to ${to ?? 'nothing'}` };
}

/** Two IPv6 addresses and two ports. The pattern above is for short texts. */
const longest = 120;

function firstPort(ports: string | null): number | null {
  const port = Number.parseInt(ports ?? '', 10);
  return Number.isNaN(port) ? null : port;
}

function carried(node: NodeKnowledge, name: string | null): string | null {
  return node.localAddresses?.find((local) => local.interface !== null && local.interface === name)?.address ?? null;
}
