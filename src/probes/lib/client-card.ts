import { chosenWay, type AskedNode } from '../../flow-walks/chosen-way.ts';
import type { Flow } from '../../model/flow.ts';
import { deviceTo } from '../../model/routes.ts';

interface ClientCard {
  /** That by which the node itself sends to the client: the pings of the node are seen there. null: there is none. */
  readonly watched: string | null;
  /** That by which the kernel sends the answers of the pod; null: it lets none out. */
  readonly leaving: string | null;
}

/** Returns the network interfaces of the pod's node towards a client outside the cluster. */
export function cardTo(client: string, target: AskedNode): ClientCard {
  const { device: leaving } = chosenWay(target, { of: 'reply-target-egress', destination: client });
  return { watched: deviceTo(target.routes, client) ?? leaving, leaving };
}

/** Returns why the answers to a client outside were not watched; null: they were, or the kernel lets none out. */
export function unwatchedWords({ flow, target }: { readonly flow: Flow; readonly target: AskedNode }): string | null {
  const { address, kind } = flow.source;
  if (kind !== 'outside') return null;
  const { node } = target.rulesets;
  const { watched, leaving } = cardTo(address, target);
  if (watched === null) return `${node} has no network interface by which answers to ${address} leave`;
  return leaving === null || leaving === watched
    ? null
    : `${node} sends the answers by ${leaving}, and only ${watched} was watched. ` +
        `Run on ${node}: tcpdump -p -ni ${leaving} host ${address}`;
}
