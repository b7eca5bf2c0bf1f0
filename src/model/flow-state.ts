/** Whether a flow gets its answers. `unknown`: it was not tried, or the try itself failed. */
export type FlowState = 'works' | 'fails' | 'unknown';

/**
 * What of an asked flow answers, where not all of it does: the judged port, the judged pod, small packets, some of the
 * test packets of the judged port, or the handshake of TCP alone.
 */
export type AnsweredPart = 'judged-port' | 'judged-pod' | 'small-packets' | 'some-packets' | 'handshake';

/** What the tries of a run say of the asked flow. */
export interface FlowOutcome {
  /** Of every port that was asked about: works where all of them answer, fails where one does not. */
  readonly flow: FlowState;
  /** Of the judged port alone, of which most findings are. */
  readonly judgedPort: FlowState;
  /** Absent: all of it works, or nothing of it does. */
  readonly answeredPart?: AnsweredPart;
}
