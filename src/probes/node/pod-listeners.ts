import { observed } from '../../model/evidence.ts';
import { LookError } from '../../model/look-error.ts';
import { podLink } from '../../model/pod-link.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { ssListening, ssListeningInPod } from '../../commands/ss.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { outputOf } from '../lib/evidence.ts';
import { isOnNodeNetwork } from '../../flow-walks/ends.ts';
import { parseListeningSockets } from '../parse/listening-sockets.ts';
import { namespaceOf } from '../lib/pod-namespace.ts';

export const podListeners = defineClusterProbe({
  id: 'pod-listeners',
  description: "TCP sockets that listen in the pod's network namespace, or on its node for a hostNetwork pod.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [ssListening, ssListeningInPod],
  needs: ['flow', 'links@target'],
  uses: ['reachability'],
  runsOn: ['target'],
  provides: ['listeners'],
  async read(look, facts) {
    const { destination, port } = facts.get('flow');
    if (port.protocol !== 'tcp') throw new LookError('not-applicable', 'no TCP port is asked about');
    if (destination.node === null) throw new LookError('not-applicable', 'the flow leaves the cluster');
    const node = look.on('target');
    const links = facts.get('links@target');
    const onNode = isOnNodeNetwork(destination);
    if (!onNode && !podLink(links, destination))
      throw new LookError('not-applicable', `the node has no interface ${destination.interface} that leads to the pod`);
    // After the tries: what they opened waits at a program that hangs.
    await facts.ask('reachability');
    const transcript = await (onNode
      ? node.run(ssListening)
      : node.run(ssListeningInPod, { netns: namespaceOf(destination, links) }));
    return { listeners: observed(parseListeningSockets(outputOf(transcript)), [evidenceOf(transcript)]) };
  },
});
