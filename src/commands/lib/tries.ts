/** Bounds of a command that sends one packet and waits for its answer. */
export const tries = { timeoutSeconds: 4, maxBytes: 20_000 } as const;
