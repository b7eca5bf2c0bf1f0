import { hostNet } from '../../model/addresses.ts';
import { returnRoute, soleAddress } from '../../model/resource.ts';
import { defineRule, fail, notApplicable, type RawFinding } from '../../model/rule.ts';
import { loopOf } from '../lib/routing-loop.ts';
import { noneOf, takenWords, waysOfClass, wayOfLeg } from '../lib/wrong-ways.ts';

export const podRouteWrong = defineRule({
  id: 'pod-route-wrong',
  description: "A node's route to the address of one of its pods leads to another interface than the pod's.",
  step: 'routes',
  requires: ['flow', 'judged-ways'],
  considers: ['flow-outcome', 'path-capture'],
  lacks: ['soleAddress'],
  withholds: ['way', 'returnRoute'],
  advice: {
    who: 'the owner of node {node}',
    commands: [
      'ip -d link show {device}   # whose is it? What an earlier pod left can be deleted',
      'ip route replace {address} dev {interface} scope link   # the route that Felix programs',
    ],
  },
  messages: {
    wrong: {
      title: 'Node {node} sends packets for pod {pod} to {device}, which is not the interface of the pod',
      detail: 'Packets to {address} take the route "{taken}". The interface of the pod is {interface}.{loop}',
    },
  },
  judge({ flow, 'judged-ways': judged }, { 'flow-outcome': outcome, 'path-capture': capture }) {
    if (flow.destination.interface === null && flow.source.interface === null)
      return notApplicable('neither end of the flow has an interface of its own');
    const findings = waysOfClass(judged, 'wrong-device', { outcome, capture }).map((one): RawFinding<'wrong'> => {
      const loop = loopOf(one, judged, flow);
      return {
        message: 'wrong',
        data: {
          node: one.way.node,
          pod: one.to,
          address: one.way.destination,
          device: one.device ?? '?',
          taken: takenWords(one),
          interface: one.rightDevice ?? '?',
          loop: loop?.words ?? '',
        },
        subject: { kind: 'Route', name: hostNet(one.way.destination) },
        node: one.way.node,
        proof: 'read',
        evidence: [...one.way.evidence, ...(loop?.evidence ?? [])],
        stopsFlow: true,
        lacks: [soleAddress(one.way.destination)],
        withholds: [wayOfLeg(one), returnRoute(one.way.node, one.way.destination)],
      };
    });
    return findings.length > 0 ? fail(...findings) : noneOf(judged, 'each pod is reached by its own interface');
  },
});
