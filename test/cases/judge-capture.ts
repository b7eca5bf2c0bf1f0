import { diagnose, type DiagnoseDeps, type DiagnoseRequest } from '../../src/engine/diagnose.ts';
import { computed } from '../../src/computed/registry.ts';
import type { FlowSource } from '../../src/model/target.ts';
import type { Verdict } from '../../src/model/verdict.ts';
import { probes } from '../../src/probes/registry.ts';
import { rules } from '../../src/rules/registry.ts';
import { captureCluster } from './capture-cluster.ts';
import { captureShells } from './capture-shells.ts';
import type { Capture } from './capture.ts';

/** The client of every scenario that was captured. */
export const client: FlowSource = { kind: 'pod', namespace: 'default', name: 'client' };

/** What diagnoses a capture, some seconds after it was taken. */
export function captureDeps(capture: Capture, now = '2026-11-23T18:00:10Z'): DiagnoseDeps {
  return {
    probes,
    computed,
    rules,
    clock: { now: () => new Date(now), sleep: async () => {} },
    cluster: captureCluster(capture),
    shells: captureShells(capture),
  };
}

type Asked = Partial<Pick<DiagnoseRequest['target'], 'kind' | 'pod' | 'from' | 'port' | 'family'>>;

/** A question about a capture: default/mypod from its client, if nothing else is asked. */
export function captureRequest(asked: Asked = {}): DiagnoseRequest {
  return {
    run: 'r-capture',
    target: { cluster: 'default', namespace: 'default', pod: 'mypod', from: client, port: null, ...asked },
  };
}

export function judgeCapture(deps: DiagnoseDeps, asked?: Asked): Promise<Verdict> {
  return diagnose(deps, captureRequest(asked), async () => {});
}
