import { describe, expect, test } from '@jest/globals';
import { LookError } from '../../src/model/look-error.ts';
import { felix } from '../../src/probes/felix.ts';
import { codeOf, probing, type Script } from './scripted.ts';

const live: Script = { processes: { stdout: '7 calico-node -felix\n' }, liveness: { stdout: 'HTTP/1.1 200 OK\r\n' }, readiness: { stdout: 'HTTP/1.1 200 OK\r\n' } };
const look = (over: Script) => probing(felix, { script: { ...live, ...over } }).fact('felix@target');

test.each<[string, Script, object]>([
  ['live', {}, { processes: ['7 calico-node -felix'], liveness: 200, readiness: 200 }],
  ['no process, nobody listens', { processes: { exit: 1 }, liveness: { exit: 7 }, readiness: { exit: 7 } }, { processes: [], liveness: null, readiness: null }],
  ['killed, and not yet waited for', { processes: { stdout: '7 [calico-felix] <defunct>\n' }, liveness: { exit: 7 }, readiness: { exit: 7 } }, { processes: [], liveness: null, readiness: null }],
  ['started anew beside the one that ended', { processes: { stdout: '79 [calico-felix] <defunct>\n91 calico-felix\n' } }, { processes: ['91 calico-felix'], liveness: 200, readiness: 200 }],
  ['hung: no answer in time', { liveness: { exit: 28 } }, { processes: ['7 calico-node -felix'], liveness: null, readiness: 200 }],
  ['not live', { liveness: { stdout: 'HTTP/1.1 503 Service Unavailable\r\n' } }, { processes: ['7 calico-node -felix'], liveness: 503, readiness: 200 }],
])('%s', async (_, over, value) => {
  expect(await look(over)).toMatchObject({ status: 'observed', value });
});

describe('what could not be looked at is no dead Felix', () => {
  test.each<[string, Script, string]>([
    ['no curl on the node', { liveness: { exit: 127, stderr: 'curl: not found' } }, 'command-failed'],
    ['no pgrep on the node', { processes: { exit: 127 } }, 'command-failed'],
    ['pgrep did not understand', { processes: { exit: 2 } }, 'command-failed'],
    ['the node ended it', { processes: { exit: null, timedOut: true } }, 'timeout'],
    ['cut', { processes: { truncated: true } }, 'output-too-large'],
    ['the connection was lost', { readiness: new LookError('ssh-lost', 'gone') }, 'ssh-lost'],
  ])('%s', async (_, over, code) => {
    expect(codeOf(await look(over))).toBe(code);
  });
});
