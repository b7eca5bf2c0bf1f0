import { bashTcpConnect } from '../../commands/bash.ts';
import { ip6NeighbourAges, ipNeighbourAges } from '../../commands/ip.ts';
import { ping } from '../../commands/ping.ts';
import { nodeAddress } from '../../calico/trusted-address.ts';
import { familyOf, neighbourProtocol } from '../../model/addresses.ts';
import { observed, type Evidence, type Fact } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import type { KubernetesNode } from '../../model/kubernetes.ts';
import { LookError } from '../../model/look-error.ts';
import type { Link } from '../../model/network.ts';
import { echoAnswer, isSilence, isUnreached, type NodeAnswers } from '../../model/node-answers.ts';
import { defineClusterProbe, type NodeLook } from '../../model/probe.ts';
import type { ReachAttempt, Reachability } from '../../model/reachability.ts';
import { answerOf } from '../parse/probe-answer.ts';
import { parseNeighbourAge } from '../parse/ip-neighbours.ts';

const commands = [ping, bashTcpConnect, ipNeighbourAges, ip6NeighbourAges] as const;
type Node = NodeLook<(typeof commands)[number]['id']>;
interface Place {
  readonly name: string;
  readonly address: string;
  readonly look: Node;
  readonly links: Fact<readonly Link[]>;
}
interface Tried {
  readonly answers: readonly string[];
  readonly neighbour: NodeAnswers['neighbour'];
  readonly evidence: readonly Evidence[];
}

/** SSH and the kubelet: one of them listens on most nodes, and a refusal is an answer too. */
const ports = [22, 10_250];
const mostControls = 2;
/** The kernel asks again only some 30 s after an answer: an older one says nothing of now. */
const freshSeconds = 5;

export const nodeAnswers = defineClusterProbe({
  id: 'node-answers',
  description:
    'Answers of a node of the flow that seems silent to the other one: ARP, ping and two TCP ports. Sent only where ' +
    'a node cannot be read, or does not answer the other node.',
  kind: 'active',
  place: 'cluster',
  essential: false,
  commands,
  moment: 'later',
  needs: ['flow', 'nodes'],
  uses: ['links@target', 'links@source', 'reachability'],
  runsOn: ['target', 'source'],
  provides: ['node-answers'],
  async read(look, facts) {
    const flow = facts.get('flow');
    const { source, destination } = flow;
    const [targetLinks, sourceLinks, reachability] = await Promise.all([
      facts.ask('links@target'),
      facts.ask('links@source'),
      facts.ask('reachability'),
    ]);
    if (source.node === null || destination.node === null || source.node === destination.node)
      throw new LookError('not-applicable', 'the flow has no two nodes');
    if (source.nodeAddress === null || destination.nodeAddress === null)
      throw new LookError('not-supported', 'the address of a node of the flow is not known');
    const isLost = isLostBetweenNodes(reachability);
    const isSuspect = ({ links }: Pick<Place, 'links'>) => links.status === 'unavailable' && isUnreached(links);
    const [atTarget, atSource] = [{ links: targetLinks }, { links: sourceLinks }];
    if (!isLost && isSuspect(atTarget) === isSuspect(atSource))
      throw new LookError(
        'not-applicable',
        'both nodes of the flow can be read, and answer each other, or neither can',
      );
    const nodes = facts.get('nodes');
    const places: readonly Place[] = [
      { name: destination.node, address: destination.nodeAddress, look: look.on('target'), links: targetLinks },
      { name: source.node, address: source.nodeAddress, look: look.on('source'), links: sourceLinks },
    ];
    const asked = places.flatMap((place, at) => {
      const asker = places[1 - at];
      return asker?.links.status === 'observed' && (isSuspect(place) || isLost) ? [{ place, asker }] : [];
    });
    const found = await Promise.all(asked.map(({ place, asker }) => askAbout(place, asker, nodes)));
    return {
      'node-answers': observed(
        found.map(({ answers }) => answers),
        found.flatMap(({ evidence }) => evidence),
      ),
    };
  },
});

function isLostBetweenNodes(reachability: Fact<Reachability>): boolean {
  const tried = (reachability.status === 'observed' ? reachability.value.attempts : []).filter(
    ({ what }) => what === 'node-to-node',
  );
  return tried.length > 0 && tried.every(({ answered, answer }) => answered === 0 && answer !== 'error');
}

async function askAbout(
  { name, address, look, links }: Place,
  asker: Place,
  nodes: readonly KubernetesNode[],
): Promise<{ readonly answers: NodeAnswers; readonly evidence: readonly Evidence[] }> {
  const others = nodes
    .filter(({ metadata }) => metadata.name !== name && metadata.name !== asker.name)
    .flatMap((node) => {
      const trusted = nodeAddress(node, nodes, familyOf(address));
      return trusted.address === null ? [] : [{ name: node.metadata.name, address: trusted.address }];
    })
    .slice(0, mostControls);
  const [tried, control, own] = await Promise.all([
    tryNode(asker.look, address),
    firstAnswering(asker.look, others),
    links.status === 'observed' ? firstAnswering(look, others) : null,
  ]);
  const itself =
    links.status === 'unavailable'
      ? isSilence(links)
        ? 'silent'
        : isUnreached(links)
          ? 'unreachable'
          : 'unknown'
      : own !== null
        ? 'connected'
        : others.length > 0
          ? 'cut-off'
          : 'unknown';
  return {
    answers: {
      node: name,
      address,
      from: asker.name,
      answers: tried.answers,
      neighbour: tried.neighbour,
      control,
      itself,
    },
    evidence: tried.evidence,
  };
}

/** A refusal is an answer too. */
function cameBack(answer: ReachAttempt['answer']): boolean {
  return answer === 'reply' || answer === 'refused';
}

/** ARP, or what IPv6 has instead, is read behind the others: they make the kernel ask. */
async function tryNode(look: Node, address: string): Promise<Tried> {
  const [echo, ...connects] = await Promise.all([
    look.run(ping, pingOf(look, address)),
    ...ports.map((port) => look.run(bashTcpConnect, { address, port: String(port) })),
  ]);
  const isIpv6 = familyOf(address) === 6;
  const neighbour = await look.run(isIpv6 ? ip6NeighbourAges : ipNeighbourAges, { address });
  const age = parseNeighbourAge(neighbour.stdout);
  return {
    answers: [
      ...(answerOf(echo, { protocol: 'icmp' }) === 'reply' ? [echoAnswer] : []),
      ...ports.flatMap((number, at) => {
        const transcript = connects[at];
        return transcript && cameBack(answerOf(transcript, { protocol: 'tcp', number })) ? [`TCP port ${number}`] : [];
      }),
      ...(age !== null && age <= freshSeconds ? [neighbourProtocol(address)] : []),
    ],
    neighbour: age === null ? 'silent' : 'remembered',
    evidence: [echo, ...connects, neighbour].map((transcript) => evidenceOf(transcript)),
  };
}

async function firstAnswering(
  look: Node,
  others: readonly { readonly name: string; readonly address: string }[],
): Promise<string | null> {
  const tried = await Promise.all(others.map(({ address }) => look.run(ping, pingOf(look, address))));
  const at = tried.findIndex((transcript) => answerOf(transcript, { protocol: 'icmp' }) === 'reply');
  return others[at]?.name ?? null;
}

function pingOf(look: Node, address: string): Readonly<Record<string, string>> {
  return { address, size: '56', nonce: look.nonce(`node-answers ${address}`).toString(16) };
}
