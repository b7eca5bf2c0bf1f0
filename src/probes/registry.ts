import type { Probe } from '../model/probe.ts';

/** Every probe, in no order. */
export const probes: readonly Probe[] = [];
