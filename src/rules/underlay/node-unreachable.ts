import { neighbourProtocol } from '../../model/addresses.ts';
import { echoAnswer } from '../../model/node-answers.ts';
import { nodeAnswers } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, notApplicable, pass, type RawFinding } from '../../model/rule.ts';

export const nodeUnreachable = defineRule({
  id: 'node-unreachable',
  description: 'No other node gets any answer from a node of the flow: neither ARP, nor ping, nor TCP.',
  step: 'underlay',
  sharedBy: 'node',
  requires: ['node-answers'],
  considers: ['flow-outcome'],
  withholds: ['nodeAnswers'],
  advice: {
    who: 'the owner of node {node}',
    commands: [
      'kubectl get node {node} -o wide   # does Kubernetes still hear from it, and under this address?',
      'ip -br addr; ip route   # on the console of {node}: is its network interface up, with {address}?',
      'ping -c 3 {address}; ip neigh show {address}   # on {from} and on a third node',
    ],
  },
  messages: {
    silent: {
      title: 'Node {node} ({address}) does not answer',
      detail:
        '{from} gets neither {arp}a ping, nor TCP from it, and this check does not reach it either. {control}' +
        'The node is off, or its network is.',
    },
    unreachable: {
      title: 'Node {node} ({address}) does not answer',
      detail:
        '{from} gets neither {arp}a ping, nor TCP from it. {control}This check has no way to it: the machine ' +
        'of the bot, a router or a firewall says so. The node is off, or its network is.',
    },
    'cut-off': {
      title: 'Node {node} ({address}) answers no other node',
      detail:
        '{from} gets neither {arp}a ping, nor TCP from it. {control}Commands on {node} still run, and no other ' +
        'node answers it.',
    },
  },
  judge({ 'node-answers': asked }, { 'flow-outcome': outcome }, evidence) {
    if (outcome.status === 'observed' && outcome.value.judgedPort === 'works')
      return pass('the flow between the nodes works');
    const doubts: string[] = [];
    const others: string[] = [];
    const findings = asked.flatMap(
      ({
        node,
        address,
        from,
        answers,
        neighbour,
        control,
        itself,
      }): RawFinding<'silent' | 'unreachable' | 'cut-off'>[] => {
        if (answers.length > 0) {
          if (itself === 'silent') doubts.push(`${node} answers ${from} (${answers.join(', ')}), and not this check`);
          else if (itself === 'unreachable')
            doubts.push(`${node} answers ${from} (${answers.join(', ')}), and this check has no way to it`);
          // It is asked only where its pings were lost, or where this check does not reach it.
          else if (answers.includes(echoAnswer))
            doubts.push(`pings between ${from} and ${node} were lost at first, and one came back later`);
          return [];
        }
        if (itself === 'connected') {
          others.push(`${node} and ${from} do not reach each other, and both reach other nodes`);
          return [];
        }
        if (itself === 'unknown' || (itself !== 'silent' && control === null)) {
          doubts.push(`${node} does not answer ${from}, and which of the two is cut off is not known`);
          return [];
        }
        return [
          {
            message: itself,
            data: {
              node,
              address,
              from,
              arp: neighbour === 'silent' ? `${neighbourProtocol(address)}, nor ` : '',
              control: control === null ? '' : `${control} answers ${from}. `,
            },
            subject: { kind: 'Node', name: node },
            node,
            proof: 'read',
            evidence: evidence('node-answers').filter(({ node: at }) => at === from),
            stopsFlow: true,
            withholds: [nodeAnswers(node)],
          },
        ];
      },
    );
    if (findings.length > 0) return fail(...findings);
    if (doubts.length > 0) return inconclusive(doubts.join('; '));
    if (asked.length === 0) return inconclusive('no other node of the flow can ask');
    return others.length > 0 ? notApplicable(others.join('; ')) : pass('the nodes of the flow answer each other');
  },
});
