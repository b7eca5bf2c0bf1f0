/** Dialogs for questions about the cluster, which the asker alone reads the answer to. */
import type { ScreenView } from '../../model/thread.ts';
import { section } from './blocks.ts';
import { clusterInput, endInputs, targetInputs, type Filled } from './diagnose-view.ts';
import { rich } from './rich.ts';
import { modal, textInput } from './views.ts';

export const policyCallback = 'ask_policy';
export const nodeCallback = 'ask_node';

/** @param filled what was typed; `clusters`: those to choose from */
export function policyView(filled: Filled & { readonly clusters: readonly string[] }, metadata: string): ScreenView {
  return modal({
    callback: policyCallback,
    title: 'Policies of a pod',
    submit: 'Show',
    metadata,
    blocks: [
      section(rich`I say which policies select it. With From and Port I say what they decide. I only read.`),
      ...targetInputs(filled, { offered: 'Pod', hint: 'NAMESPACE/POD' }),
      ...endInputs(filled, { from: 'all rules', port: 'all rules' }),
    ],
  });
}

/** @param clusters those to choose from */
export function nodeView(clusters: readonly string[], metadata: string): ScreenView {
  return modal({
    callback: nodeCallback,
    title: 'A node',
    submit: 'Show',
    metadata,
    blocks: [
      section(rich`I say how it is, and what was found there. I only read.`),
      ...clusterInput(clusters, { optional: false, hint: 'The cluster of the node' }),
      textInput({
        id: 'node',
        label: 'Node',
        hint: 'Its name in Kubernetes, as kubectl get nodes shows it',
        initial: null,
        optional: false,
      }),
    ],
  });
}
