import { defineRule, fail, notApplicable, pass } from '../../model/rule.ts';
import { anyOf } from '../../model/resource.ts';

export const datastoreNotReady = defineRule({
  id: 'datastore-not-ready',
  description: 'ClusterInformation says that the datastore is locked (datastoreReady is false).',
  step: 'endpoint',
  requires: ['datastore'],
  withholds: ['profile', 'datastore/felix', 'datastore/cni'],
  advice: {
    who: 'whoever administers Calico',
    commands: ['calicoctl datastore migrate unlock   # only when no migration is under way'],
  },
  messages: {
    locked: {
      title: "Calico's datastore is locked",
      detail:
        'datastoreReady is false: Felix, CNI and the controller wait until it is unlocked (an upgrade or a migration left it so).',
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
