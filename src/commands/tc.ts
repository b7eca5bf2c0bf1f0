import { defineCommand } from '../model/command.ts';
import { inPod } from './lib/in-pod.ts';

/** The queues of every interface, and what each dropped. */
export const tcQdiscShow = defineCommand({
  id: 'tc-qdisc-show',
  argv: ['tc', '-s', 'qdisc', 'show'],
  timeoutSeconds: 5,
  maxBytes: 2_000_000,
});
/** The same in a pod. */
export const tcQdiscShowInPod = defineCommand({
  id: 'tc-qdisc-show-in-pod',
  argv: [...inPod, 'tc', '-s', 'qdisc', 'show'],
  timeoutSeconds: 4,
  maxBytes: 20_000,
});

const filters = { timeoutSeconds: 5, maxBytes: 200_000 } as const;

/** The filters through which packets go as they come in by an interface, and what each took. */
export const tcFilterShowIngress = defineCommand({
  id: 'tc-filter-show-ingress',
  argv: ['tc', '-s', 'filter', 'show', 'dev', '{interface:interface}', 'ingress'],
  ...filters,
});
/** The same for packets that leave. */
export const tcFilterShowEgress = defineCommand({
  id: 'tc-filter-show-egress',
  argv: ['tc', '-s', 'filter', 'show', 'dev', '{interface:interface}', 'egress'],
  ...filters,
});
