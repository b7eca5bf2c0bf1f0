import { defineComputed } from '../model/computed.ts';
import { observed } from '../model/evidence.ts';
import { podLink } from '../model/pod-link.ts';

export const podInterface = defineComputed({
  id: 'pod-interface',
  description:
    "The pod's host-side interface: as the endpoint or the CNI plugin names it, else the device of the pod's /32.",
  essential: false,
  needs: ['flow'],
  considers: ['endpoint', 'links@target'],
  async compute(facts) {
    const [endpoint, links] = await Promise.all([facts.ask('endpoint'), facts.ask('links@target')]);
    const { destination } = facts.get('flow');
    const named = endpoint.status === 'observed' ? endpoint.value?.spec.interfaceName : undefined;
    const name = named ?? destination.interface;
    if (links.status === 'unavailable' || name === null) return observed({ name });
    // Clients derive the usual name even if Felix has another prefix. Any other name comes from the endpoint itself.
    const link = name === destination.interface ? podLink(links.value, destination) : null;
    return observed({ name: link?.name ?? name });
  },
});
