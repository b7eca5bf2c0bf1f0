/** What is kept of a pod, and of the one that a Deployment would make. */
import { everyKey } from '../../model/every-key.ts';
import type { ContainerStatus, Pod } from '../../model/kubernetes.ts';

/** Environment variables that a probe reads. */
const readVariables: readonly string[] = [
  'ENABLED_CONTROLLERS',
  'DATASTORE_TYPE',
  'KUBECONFIG',
  'ETCD_ENDPOINTS',
  'FELIX_INTERFACEPREFIX',
  'CALICO_NETWORKING_BACKEND',
  'FELIX_NFTABLESMODE',
  'FELIX_IPTABLESBACKEND',
];

type Spec = Pod['spec'];
type Container = Spec['containers'][number];
type Status = NonNullable<Pod['status']>;
type State = NonNullable<ContainerStatus['state']>;
type Condition = NonNullable<Status['conditions']>[number];

const specFields = everyKey<Omit<Spec, 'containers'>>()(['nodeName', 'hostNetwork', 'serviceAccountName']);
const containerFields = everyKey<Omit<Container, 'ports' | 'env'>>()(['name', 'image']);
const portFields = everyKey<NonNullable<Container['ports']>[number]>()(['name', 'containerPort', 'protocol']);
const variableFields = everyKey<NonNullable<Container['env']>[number]>()(['name', 'value']);
const statusFields = everyKey<Omit<Status, 'conditions' | 'initContainerStatuses' | 'containerStatuses'>>()([
  'phase',
  'podIP',
  'podIPs',
  'reason',
  'message',
]);
const conditionFields = everyKey<Condition>()(['type', 'status', 'reason', 'message']);
const containerStatusFields = everyKey<Omit<ContainerStatus, 'state' | 'lastState'>>()([
  'name',
  'ready',
  'restartCount',
]);
const waitingFields = everyKey<NonNullable<State['waiting']>>()(['reason', 'message']);
const terminatedFields = everyKey<NonNullable<State['terminated']>>()(['reason', 'exitCode']);

/**
 * Of a pod as it is and of the one that a Deployment would make: without commands, arguments, volumes and environment.
 */
export function podSpec(spec: Partial<Spec> | undefined): object | undefined {
  return (
    spec && {
      ...picked(spec, specFields),
      containers: (spec.containers ?? []).map((container) => {
        const env = container.env
          ?.filter(({ name }) => readVariables.includes(name))
          .map((variable) => picked(variable, variableFields));
        return {
          ...picked(container, containerFields),
          ports: container.ports?.map((port) => picked(port, portFields)),
          ...(env && env.length > 0 ? { env } : {}),
        };
      }),
    }
  );
}

/** Returns what is kept of a pod's status. */
export function podStatus(status: Pod['status']): object | undefined {
  return (
    status && {
      ...picked(status, statusFields),
      conditions: conditionsOf(status.conditions),
      initContainerStatuses: status.initContainerStatuses?.map(containerStatus),
      containerStatuses: status.containerStatuses?.map(containerStatus),
    }
  );
}

function containerStatus({ state, lastState, ...container }: ContainerStatus): object {
  return {
    ...picked(container, containerStatusFields),
    state: containerState(state),
    ...(lastState?.terminated && { lastState: containerState(lastState) }),
  };
}

function containerState(state: State | undefined): object | undefined {
  return (
    state && {
      ...(state.waiting && { waiting: picked(state.waiting, waitingFields) }),
      ...(state.running && { running: {} }),
      ...(state.terminated && { terminated: picked(state.terminated, terminatedFields) }),
    }
  );
}

/** Returns conditions of a pod, a node or a component, without their times. */
export function conditionsOf(conditions: readonly Condition[] | undefined): object | undefined {
  return conditions?.map((condition) => picked(condition, conditionFields));
}

/** Returns an object with these fields of it alone. */
export function picked(object: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(object).filter(([key]) => keys.includes(key)));
}
