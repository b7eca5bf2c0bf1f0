import { calicoPath } from '../../objects/calico-crds.ts';
import { defineFault } from '../fault.ts';
import { felixInSync, felixReady, felixWaiting } from '../felix.ts';
import { flow } from '../flows.ts';
import type { Step } from '../steps.ts';

const setReady = (datastoreReady: boolean): Step => ({
  do: 'patch-object',
  path: `${calicoPath('ClusterInformation')}/default`,
  patch: { spec: { datastoreReady } },
});

export const datastoreLocked = defineFault({
  name: 'datastore-locked',
  summary: 'a migration that ended half-way left the datastore locked; what Felix programmed stands',
  datastores: ['kubernetes'],
  expects: {
    verdict: 'fault',
    latent: ['datastore-not-ready'],
    answers: [flow('default/client', 'default/mypod'), flow('shop/api', 'default/client')],
    silent: [],
  },
  // Felix ends when the datastore is locked, and waits when it is started anew.
  break: ({ nodes }) => [setReady(false), ...nodes.map(({ name }) => felixWaiting(name))],
  heal: ({ nodes }) => [setReady(true), ...nodes.flatMap(({ name }) => [felixInSync(name), felixReady(name)])],
});
