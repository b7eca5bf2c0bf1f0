import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import type { Transcript } from '../../../src/model/command.ts';
import { parseCalicoctlGet } from '../../../src/probes/parse/calicoctl.ts';
import { readCapture } from '../../cases/capture.ts';
import { transcript } from '../transcript.ts';
import { lookErrorOf } from './hostile.ts';

const errors = readCapture('calicoctl-errors');
/** A captured error: its last line is the exit, the one before the command. */
function said(file: string): Transcript {
  const lines = (errors.text(file) ?? '').trimEnd().split('\n');
  const exit = Number(/^exit (\d+)$/.exec(lines.at(-1) ?? '')?.[1]);
  return transcript({ stderr: lines.slice(1, -1).join('\n'), exit, timedOut: exit === 124 });
}

describe('an object by name', () => {
  test('there is one', () => {
    const stdout = (readCapture('healthy-legacy').text('calicoctl/get-profile-kns.default-yaml.txt') ?? '').replace(
      /exit 0\s*$/,
      '',
    );
    expect(parseCalicoctlGet(transcript({ stdout }))).toMatchObject({
      ok: true,
      object: { kind: 'Profile', metadata: { name: 'kns.default' } },
    });
  });
  test('there is none: only in these words', () => {
    expect(parseCalicoctlGet(said('missing-profile.txt'))).toEqual({ ok: true, object: null });
    const { stderr } = said('missing-profile.txt');
    expect(parseCalicoctlGet(transcript({ stdout: 'null\n', stderr: stderr.replace('null\n', ''), exit: 1 }))).toEqual({
      ok: true,
      object: null,
    });
  });
});

describe('the datastore cannot be reached, or lets nobody in', () => {
  test.each(['etcd-unreachable.txt', 'etcd-tls-to-plain.txt', 'kdd-no-crds.txt', 'kdd-profile.txt'])('%s', (file) => {
    expect(parseCalicoctlGet(said(file))).toMatchObject({ ok: false, code: 'datastore-unreachable' });
  });
  test.each([
    'x509: certificate has expired or is not yet valid',
    'dial tcp 10.0.0.1:2379: connect: connection refused',
    'context deadline exceeded',
    'rpc error: code = PermissionDenied desc = etcdserver: permission denied',
  ])('%s', (stderr) => {
    expect(parseCalicoctlGet(transcript({ stderr, exit: 1 }))).toMatchObject({
      ok: false,
      code: 'datastore-unreachable',
      error: stderr,
    });
  });
});

describe('a client that says nothing of the datastore', () => {
  test.each([
    [
      'a file of settings of another version',
      transcript({
        stdout: "Failed to create Calico API client: invalid config file: unknown APIVersion 'projectcalico.org/v3'\n",
        exit: 1,
      }),
      'not-configured',
    ],
    ['unknown kind', said('unknown-kind.txt'), 'command-failed'],
    [
      'not installed',
      transcript({ stderr: "timeout: failed to run command 'calicoctl': No such file or directory", exit: 127 }),
      'tool-missing',
    ],
    [
      'not allowed to run',
      transcript({ stderr: 'bash: /usr/local/bin/calicoctl: Permission denied', exit: 126 }),
      'tool-refused',
    ],
    ['not allowed by sudo', transcript({ stderr: 'sudo: a password is required', exit: 1 }), 'command-failed'],
    ['without settings', said('no-config.txt'), 'not-configured'],
    [
      'without settings, an older one',
      transcript({ stderr: 'no etcd endpoints specified', exit: 1 }),
      'not-configured',
    ],
    ['killed', transcript({ exit: null }), 'command-failed'],
  ])('%s', (_, answer, code) => {
    expect(parseCalicoctlGet(answer)).toMatchObject({ ok: false, code });
  });
});

describe('never "there is none" for what is no answer', () => {
  test.each([
    ['empty', ''],
    ['null', 'null\n'],
    ['a word', 'ok'],
    ['a list', '- a\n- b\n'],
    ['no YAML', 'kind: {'],
    ['a page of a proxy', '<html>: <body>: ['],
  ])('%s', (_, stdout) => {
    expect(lookErrorOf(() => parseCalicoctlGet(transcript({ stdout })))?.code).toBe('not-parsed');
  });
  test('cut', () => {
    expect(lookErrorOf(() => parseCalicoctlGet(transcript({ stdout: 'kind: Profile\n', truncated: true })))?.code).toBe(
      'output-too-large',
    );
  });
  test('whatever it prints, nothing but a LookError comes', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.constantFrom(
            'k',
            ':',
            ' ',
            '-',
            '{',
            '}',
            '[',
            ']',
            '"',
            '&',
            '*',
            '!',
            '|',
            '>',
            '%',
            '@',
            '\n',
            '\t',
            ',',
            '#',
            '0',
          ),
        }),
        fc.constantFrom(0, 1, 2, 126, 127, null),
        (text, exit) => {
          const error = lookErrorOf(() => parseCalicoctlGet(transcript({ stdout: text, exit })));
          expect([undefined, 'not-parsed']).toContain(error?.code);
        },
      ),
      { numRuns: 500 },
    );
  });
});
