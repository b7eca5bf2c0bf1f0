import { componentLabel, componentLabels, controllersComponent } from '../../model/calico-components.ts';
import { observed } from '../../model/evidence.ts';
import type { Controller } from '../../model/control-plane.ts';
import type { Pod } from '../../model/kubernetes.ts';
import { defineClusterProbe } from '../../model/probe.ts';
import { componentReads, findComponent, isRunning } from '../lib/calico-component.ts';

/** Strangers beyond these are not counted. */
const mostStrangers = 20;

export const controller = defineClusterProbe({
  id: 'controller',
  description:
    "Calico's controller: its Deployment in one of Calico's namespaces, the pods that it owns, their account " +
    "and enabled controllers; and pods that carry a label of Calico's and are not Calico's.",
  kind: 'passive',
  place: 'cluster',
  essential: false,
  commands: [],
  reads: [...componentReads(controllersComponent), { verb: 'list', apiVersion: 'v1', kind: 'Pod', where: 'cluster' }],
  needs: [],
  provides: ['controller'],
  async read(look) {
    const outside = look.calicoNamespaces.map((namespace) => `metadata.namespace!=${namespace}`).join(',');
    const [component, alike] = await Promise.all([
      findComponent(controllersComponent, look),
      look.cluster.list<Pod>({
        apiVersion: 'v1',
        kind: 'Pod',
        labelSelector: `${componentLabel} in (${componentLabels.join(', ')})`,
        fieldSelector: outside,
        limit: mostStrangers,
      }),
    ]);
    if (component.status === 'unavailable') return { controller: component };
    const { workload = null, pods = [], strangers = [] } = component.value ?? {};
    const running = pods.find(isRunning) ?? pods[0];
    const namespace = workload?.metadata.namespace ?? look.calicoNamespaces[0] ?? '';
    const spec = running?.spec ?? workload?.spec.template.spec;
    const enabled = (spec?.containers ?? [])
      .flatMap(({ env }) => env ?? [])
      .find(({ name }) => name === 'ENABLED_CONTROLLERS')?.value;
    const value: Controller = {
      name: workload?.metadata.name ?? controllersComponent.names[0],
      namespace,
      deployment: workload,
      pods,
      account: spec ? { namespace, name: spec.serviceAccountName ?? 'default' } : null,
      enabledControllers: enabled ? enabled.split(',').map((name) => name.trim()) : null,
      strangers: [...strangers, ...(alike.ok ? alike.value : [])]
        .slice(0, mostStrangers)
        .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`),
    };
    return { controller: observed(value, component.evidence) };
  },
});
