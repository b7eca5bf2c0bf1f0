import { defineCommand } from '../model/command.ts';
import { inPod } from './lib/in-pod.ts';
import { tries } from './lib/tries.ts';

const one = ['ping', '-n', '-c', '1', '-W', '1', '-s', '{size:number}', '-p', '{nonce:hex}', '{address:address}'];

export const ping = defineCommand({ id: 'ping', argv: one, ...tries });
export const pingInPod = defineCommand({ id: 'ping-in-pod', argv: [...inPod, ...one], ...tries });

/** May not be fragmented: a hop that its size is too large for says so, or drops it. */
const whole = one.flatMap((word) => (word === '-c' ? ['-M', 'do', word] : [word]));

export const pingWhole = defineCommand({ id: 'ping-whole', argv: whole, ...tries });
export const pingWholeInPod = defineCommand({ id: 'ping-whole-in-pod', argv: [...inPod, ...whole], ...tries });
