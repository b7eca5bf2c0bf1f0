import type { ScreenView } from '../../model/thread.ts';
import { section } from './blocks.ts';
import { rich } from './rich.ts';
import { choiceInput, modal, textInput } from './views.ts';

export const diagnoseCallback = 'diagnose_pod';
export type DialogFields = 'recent' | 'pod' | 'from' | 'to' | 'port' | 'cluster';

const longestOption = 75;

/**
 * Asks for a pod, a source and a port.
 * @param pods that were diagnosed lately; `pod`: the one that is meant, where that is known; `clusters`: those to
 * choose from
 */
export function diagnoseView(
  {
    pods,
    pod,
    clusters,
  }: { readonly pods: readonly string[]; readonly pod: string | null; readonly clusters: readonly string[] },
  metadata: string,
): ScreenView {
  const choices = pods.filter((one) => one.length <= longestOption).map((one) => ({ label: one, value: one }));
  const isOffered = pod !== null && choices.some(({ value }) => value === pod);
  return modal({
    callback: diagnoseCallback,
    title: 'Diagnose a pod',
    submit: 'Diagnose',
    metadata,
    blocks: [
      section(rich`I find out why it is unreachable. I only read.`),
      ...(clusters.length > 0
        ? [
            choiceInput(
              'cluster',
              'Cluster',
              clusters.map((name) => ({ label: name, value: name })),
              { initial: null, optional: false },
            ),
          ]
        : []),
      ...(choices.length > 0
        ? [choiceInput('recent', 'A pod of a recent diagnosis', choices, { initial: pod, optional: true })]
        : []),
      textInput({
        id: 'pod',
        label: choices.length > 0 ? 'Or another pod' : 'Pod',
        hint: 'NAMESPACE/POD, svc:NAMESPACE/NAME, or deploy:, sts:, ds: and labels:',
        initial: isOffered ? null : pod,
        optional: choices.length > 0,
      }),
      textInput({
        id: 'from',
        label: 'From',
        hint: 'NAMESPACE/POD, node:NAME or outside:ADDRESS. Empty: I choose senders',
        initial: null,
        optional: true,
      }),
      textInput({
        id: 'to',
        label: 'To',
        hint: 'Only if the pod sends: svc:NAMESPACE/NAME, node:NAME, outside:ADDRESS, api or dns',
        initial: null,
        optional: true,
      }),
      textInput({
        id: 'port',
        label: 'Port',
        hint: '8080/tcp, 53/udp or icmp. Empty: the declared TCP ports, or ping',
        initial: null,
        optional: true,
      }),
    ],
  });
}
