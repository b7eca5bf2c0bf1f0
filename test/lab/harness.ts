import { describe } from '@jest/globals';
import { attempt, type Result } from './run.ts';
import { dataplanes } from './topology.ts';

/** The lab needs root on Linux; elsewhere its suites are reported as skipped, by name. */
export const describeLab = process.platform === 'linux' && process.getuid?.() === 0 ? describe : describe.skip;

/** A name that no other lab of this machine has. */
export const ownLab = (what: string) => `${what}-${process.pid}`;

/**
 * The labs that a suite about Calico runs on: both backends with the stand-ins, and with real Calico
 * beside them when LAB_CALICO_BIN says where that is.
 */
export const calicoLabs = [
  ...dataplanes.map((dataplane) => ({ dataplane, calico: 'stand-ins', flags: ['--dataplane', dataplane] })),
  ...(process.env['LAB_CALICO_BIN'] === undefined ? [] : dataplanes.map((dataplane) => ({ dataplane, calico: 'real', flags: ['--dataplane', dataplane, '--real'] }))),
];

/** `npm run -s lab -- VERB --name NAME …` */
export function labCommand(name: string) {
  return (verb: string, ...rest: string[]): Promise<Result> =>
    attempt([process.execPath, `${import.meta.dirname}/main.ts`, verb, '--name', name, ...rest]);
}
