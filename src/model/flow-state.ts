/** Whether a flow gets its answers. `unknown`: it was not tried, or the try itself failed. */
export type FlowState = 'works' | 'fails' | 'unknown';

/** The same of one port. `sometimes`: some of its test packets were answered, and some were lost. */
export type JudgedPortState = FlowState | 'sometimes';

/** What the tries of a run say of the asked flow. */
export interface FlowOutcome {
  /** Of every port that was asked about: works where all of them answer, fails where one does not. */
  readonly flow: FlowState;
  /** Of the judged port alone, of which most findings are. */
  readonly judgedPort: FlowState;
  /** The judged port fails, but some of its test packets were answered. */
  readonly isAnsweredAtTimes?: boolean;
}
