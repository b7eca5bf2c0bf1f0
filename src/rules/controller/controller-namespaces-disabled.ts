import { policyController } from '../../calico/controller-names.ts';
import { anyOf } from '../../model/resource.ts';
import { defineRule, fail, inconclusive, notApplicable, pass } from '../../model/rule.ts';

/** Of today, and of Calico 2.x. */
const namespaceProfiles = [anyOf('profile', 'kns.'), anyOf('profile', 'k8s_ns.')];
/** `profile` is the older name. */
const ofNamespaces: ReadonlySet<string> = new Set(['namespace', 'profile']);

export const controllerNamespacesDisabled = defineRule({
  id: 'controller-namespaces-disabled',
  description: "Calico's controller runs without its namespace controller, so nobody makes profiles of namespaces.",
  step: 'controller',
  requires: ['controller'],
  considers: ['datastore', 'controllers-configuration'],
  withholds: ['profile'],
  advice: {
    who: 'a cluster administrator',
    commands: [
      'kubectl -n {namespace} set env deployment/{name} ENABLED_CONTROLLERS={wanted}   # it wins over the ' +
        'configuration',
      'calicoctl get kubecontrollersconfiguration default -o yaml   # what counts where the environment says nothing',
    ],
  },
  messages: {
    disabled: {
      title: "Calico's controller {name} runs without its namespace controller",
      detail:
        '{where} enables {enabled}. With etcd as the datastore, the namespace controller makes the profile of each ' +
        'namespace. Without it, a pod in a new namespace gets no traffic that no policy allows.',
    },
  },
  judge({ controller }, { datastore, 'controllers-configuration': configured }, evidence) {
    const { name, namespace, account, enabledControllers } = controller;
    if (!account) return notApplicable('no controller is installed');
    if (datastore.status === 'observed' && datastore.value.kind === 'kubernetes')
      return notApplicable('with the Kubernetes datastore no controller makes profiles');
    if (name === policyController) return pass(`${name} always makes profiles`);
    const isEnabled = enabledControllers?.some((one) => ofNamespaces.has(one)) ?? false;
    // Its own environment says so, whatever else could be read.
    if (isEnabled) return pass('the namespace controller is enabled');
    if (datastore.status === 'unavailable') return inconclusive(`the datastore was not read: ${datastore.reason}`);
    if (enabledControllers === null && configured.status === 'unavailable')
      return configured.code === 'not-applicable'
        ? notApplicable(configured.reason)
        : inconclusive(`it is not known which controllers run: ${configured.reason}`);
    const byConfiguration = configured.status === 'observed' ? configured.value : [];
    const enabled = enabledControllers ?? byConfiguration;
    if (enabled.some((one) => ofNamespaces.has(one))) return pass('the namespace controller is enabled');
    if (datastore.value.kind === null) return inconclusive('the kind of datastore was not read');
    return fail({
      message: 'disabled',
      data: {
        name,
        namespace,
        enabled: enabled.join(', ') || 'none',
        wanted: [...enabled, 'namespace'].join(','),
        where: enabledControllers ? 'ENABLED_CONTROLLERS in its environment' : 'KubeControllersConfiguration default',
      },
      subject: { kind: 'Controller', name: `${namespace}/${name}` },
      node: null,
      proof: 'read',
      evidence: enabledControllers ? evidence('controller') : evidence('controllers-configuration'),
      stopsFlow: false,
      withholds: [...namespaceProfiles, ...(enabled.includes('serviceaccount') ? [] : [anyOf('profile', 'ksa.')])],
    });
  },
});
