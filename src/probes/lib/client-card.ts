import { chosenWay, type AskedNode } from '../../flow-walks/chosen-way.ts';
import type { Flow } from '../../model/flow.ts';
import type { Link } from '../../model/network.ts';
import { deviceTo } from '../../model/routes.ts';

interface ClientCard {
  /** That with the node's address; else that by which the node itself sends to the client. null: there is none. */
  readonly watched: string | null;
  /** An address that the node reaches by it: its pings are seen there. */
  readonly control: string;
  /** That by which the kernel sends the answers of the pod; null: it lets none out. */
  readonly leaving: string | null;
}

interface ClientQuestion {
  readonly flow: Pick<Flow, 'source' | 'destination'>;
  readonly target: AskedNode & { readonly links: readonly Link[] };
}

/** Returns the network interfaces of the pod's node towards a client outside the cluster. */
export function cardTo({ flow, target }: ClientQuestion): ClientCard {
  const { address: client } = flow.source;
  const { device: leaving } = chosenWay(target, { of: 'reply-target-egress', destination: client });
  const { nodeAddress } = flow.destination;
  const own = target.links.find(({ addresses }) => addresses.some(({ address }) => address === nodeAddress));
  const sending = deviceTo(target.routes, client);
  const watched = own?.name ?? sending ?? leaving;
  const near = target.routes.find(({ device, gateway }) => device === watched && gateway !== null)?.gateway;
  return { watched, control: sending === watched ? client : (near ?? client), leaving };
}

/** Returns why the answers to a client outside were not watched; null: they were, or the kernel lets none out. */
export function unwatchedWords(question: ClientQuestion): string | null {
  const { address, kind } = question.flow.source;
  if (kind !== 'outside') return null;
  const { node } = question.target.rulesets;
  const { watched, leaving } = cardTo(question);
  if (watched === null) return `${node} has no network interface by which answers to ${address} leave`;
  return leaving === null || leaving === watched
    ? null
    : `${node} sends the answers by ${leaving}, and only ${watched} was watched. ` +
        `Run on ${node}: tcpdump -p -ni ${leaving} host ${address}`;
}
