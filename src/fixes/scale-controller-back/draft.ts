import type { FixDraft } from '../../model/fix.ts';
import type { ScaledController } from '../../model/fix-inputs.ts';
import { scaleCommand } from './deployment.ts';
import type { StoppedController } from './look.ts';

/** An image may have to be pulled, and a controller that starts reads everything. */
const withinSeconds = 120;

export function draft(
  { namespace, name, datastore, node, nodeAddress }: ScaledController,
  { resourceVersion, owner, changed }: StoppedController,
): FixDraft {
  const which = `Deployment ${namespace}/${name}`;
  const inEtcd = datastore === 'etcdv3';
  const does = inEtcd ? 'makes missing profiles and policies' : 'releases addresses of nodes that are gone';
  return {
    title: `Scale ${which} from 0 to 1`,
    reason:
      `A controller that runs ${does} by itself. ` +
      'This does not say who scaled it to 0, or why: ask first, if Calico is being upgraded or migrated.',
    steps: [{ description: `Scale ${which} to 1 replica`, command: scaleCommand(resourceVersion), node: null }],
    diff: [`--- ${which}`, `+++ ${which}`, '@@ -1,2 +1,2 @@', ' spec:', '-  replicas: 0', '+  replicas: 1'].join('\n'),
    blastRadius:
      "Calico's controllers of the whole cluster: they catch up on everything that changed while none ran, in every " +
      `namespace${inEtcd ? ', also on policies that deny' : ''}`,
    scope: { kind: 'none', why: 'none directly' },
    ...(owner === null ? {} : { owner }),
    ...(changed ? { changed } : {}),
    risk: 'medium',
    rollback: {
      kind: 'best-effort',
      description: `Scale ${which} to 0, if nobody scaled it since. Changes that the controller made stay.`,
    },
    withinSeconds,
    nodes: inEtcd ? [{ name: node, address: nodeAddress }] : [],
  };
}
