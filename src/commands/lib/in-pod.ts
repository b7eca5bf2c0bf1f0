/** Runs the rest of the command in the network namespace of a pod. */
export const inPod = ['ip', 'netns', 'exec', '{netns:netns}'] as const;
