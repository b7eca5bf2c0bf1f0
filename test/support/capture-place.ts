import type { CapturePlace } from '../../src/model/path-capture.ts';

/** A place of a capture that ran and saw nothing. */
export const emptyPlace: Omit<CapturePlace, 'hop' | 'node'> = {
  interface: 'eth0',
  requests: [],
  largeRequests: [],
  replies: [],
  control: [],
  largeControl: [],
  controlReplies: [],
  droppedByKernel: 0,
  outer: [],
};
