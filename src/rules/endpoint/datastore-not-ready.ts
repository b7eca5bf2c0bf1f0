import { defineRule, fail, notApplicable, pass } from '../../model/rule.ts';
import { anyOf } from '../../model/resource.ts';

export const datastoreNotReady = defineRule({
  id: 'datastore-not-ready',
  description: 'ClusterInformation has datastoreReady false: the datastore is locked.',
  step: 'endpoint',
  requires: ['datastore'],
  withholds: ['profile', 'datastore/felix', 'datastore/cni'],
  advice: {
    who: 'the Calico administrator',
    commands: ['calicoctl datastore migrate unlock   # only if no migration is running'],
  },
  messages: {
    locked: {
      title: "Calico's datastore is locked",
      detail:
        'datastoreReady is false. Felix, the CNI plugin and the controller wait until somebody unlocks it. ' +
        'Upgrades and migrations lock it.',
    },
  },
  judge({ datastore }, _considered, evidence) {
    if (datastore.state === 'unknown') return notApplicable('datastoreReady was not read');
    if (datastore.state === 'ready') return pass('datastoreReady is true');
    return fail({
      message: 'locked',
      data: {},
      subject: { kind: 'Datastore', name: 'ClusterInformation default' },
      node: null,
      proof: 'read',
      evidence: evidence('datastore'),
      stopsFlow: false,
      withholds: [anyOf('profile'), anyOf('datastore/felix'), anyOf('datastore/cni')],
    });
  },
});
