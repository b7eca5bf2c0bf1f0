import { defineComputed } from '../model/computed.ts';
import { observed } from '../model/evidence.ts';

export const clientEntry = defineComputed({
  id: 'client-entry',
  description: "The network interface of the pod's node at which packets of a client outside were seen to come in.",
  essential: false,
  needs: ['flow'],
  considers: ['sightings'],
  async compute(facts) {
    // Nothing is sent to learn it of another flow: the kernels of both nodes tell.
    if (facts.get('flow').source.kind !== 'outside') return observed({ interface: null });
    const sightings = await facts.ask('sightings');
    const points = sightings.status === 'observed' ? sightings.value.points : [];
    const card = points.find(({ point, requests }) => point === 'target-card' && requests.length > 0);
    return observed({ interface: card?.interface ?? null }, sightings.evidence);
  },
});
