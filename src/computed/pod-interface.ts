import { defineComputed } from '../model/computed.ts';
import { observed } from '../model/evidence.ts';

export const podInterface = defineComputed({
  id: 'pod-interface',
  description: "The pod's host-side interface: the endpoint's own word, else the name that the CNI plugin gives.",
  essential: false,
  needs: ['flow'],
  considers: ['endpoint'],
  async compute(facts) {
    const endpoint = await facts.ask('endpoint');
    const named = endpoint.status === 'observed' ? endpoint.value?.spec.interfaceName : undefined;
    return observed({ name: named ?? facts.get('flow').destination.interface });
  },
});
