import { longestWait } from '../../model/target-grammar.ts';
import type { MessageBlock, ScreenView } from '../../model/thread.ts';
import { section } from './blocks.ts';
import { rich } from './rich.ts';
import { choiceInput, modal, offeredInput, textInput } from './views.ts';

export const diagnoseCallback = 'diagnose_pod';
export type DialogFields = 'chosen' | 'pod' | 'from' | 'to' | 'port' | 'wait' | 'cluster' | 'node';

/** Of the text and of the value of an option, in characters: Slack takes no longer one. */
export const longestOption = 75;

/** What the dialog begins with, as a person would type it. */
export interface Filled {
  readonly pod?: string | null;
  /** A part of a name, or a name that is not valid. */
  readonly typed?: string;
  readonly from?: string;
  readonly to?: string;
  readonly port?: string;
  readonly wait?: string;
}

/** The fields for a pod: a choice among offered names, and a text for any other. */
export function targetInputs(
  { pod = null, typed, clusters }: Pick<Filled, 'pod' | 'typed'> & { readonly clusters: readonly string[] },
  { offered, hint }: { readonly offered: string; readonly hint: string },
): readonly MessageBlock[] {
  // An offered name says its cluster where that is open, and a pod that is known does not.
  const isChosen = pod !== null && clusters.length === 0 && pod.length <= longestOption;
  return [
    ...clusterInput(clusters, {
      optional: pod === null,
      hint: pod === null ? 'A pod that you choose from the list says its cluster' : 'The cluster of the pod below',
    }),
    offeredInput({
      id: 'chosen',
      label: offered,
      hint: 'Type the namespace, then / and a part of the name',
      initial: isChosen ? pod : null,
      optional: true,
    }),
    textInput({
      id: 'pod',
      label: 'Or type it',
      hint,
      initial: isChosen ? null : (pod ?? typed ?? null),
      optional: true,
    }),
  ];
}

/** @param clusters those to choose from; none: nobody is asked */
export function clusterInput(
  clusters: readonly string[],
  how: { readonly optional: boolean; readonly hint: string },
): readonly MessageBlock[] {
  if (clusters.length === 0) return [];
  const choices = clusters.map((name) => ({ label: name, value: name }));
  return [choiceInput('cluster', 'Cluster', choices, { initial: null, ...how })];
}

/** The fields for the other end of the flow, and its port. */
export function endInputs(ends: Pick<Filled, 'from' | 'to' | 'port'>, empty: EmptyEnds): readonly MessageBlock[] {
  return [
    textInput({
      id: 'from',
      label: 'From',
      hint: `NAMESPACE/POD, node:NAME or outside:ADDRESS. Empty: ${empty.from}`,
      initial: ends.from ?? null,
      optional: true,
    }),
    textInput({
      id: 'to',
      label: 'To',
      hint: 'Only if the pod sends: svc:NAMESPACE/NAME, node:NAME, outside:ADDRESS, api or dns',
      initial: ends.to ?? null,
      optional: true,
    }),
    textInput({
      id: 'port',
      label: 'Port',
      hint: `8080/tcp, 53/udp or icmp. Empty: ${empty.port}`,
      initial: ends.port ?? null,
      optional: true,
    }),
  ];
}

/** What empty fields mean. */
interface EmptyEnds {
  readonly from: string;
  readonly port: string;
}

/**
 * Asks for a pod, the other end of the flow, a port and a time to wait.
 * The field `chosen` offers names while a person types.
 * @param filled what is known already; `clusters`: those to choose from
 */
export function diagnoseView(filled: Filled & { readonly clusters: readonly string[] }, metadata: string): ScreenView {
  return modal({
    callback: diagnoseCallback,
    title: 'Diagnose a pod',
    submit: 'Diagnose',
    metadata,
    blocks: [
      section(rich`I find out why it is unreachable. I only read.`),
      ...targetInputs(filled, {
        offered: 'Pod or Service',
        hint: 'NAMESPACE/POD, svc:NAMESPACE/NAME, or deploy:, sts:, ds:, labels: and address:',
      }),
      ...endInputs(filled, { from: 'I choose senders', port: 'the declared TCP ports, or ping' }),
      textInput({
        id: 'wait',
        label: 'Wait for real traffic',
        hint: `Seconds, at most ${longestWait}. Only with From: I send nothing, and wait for packets of that client`,
        initial: filled.wait ?? null,
        optional: true,
      }),
    ],
  });
}
