import type { CommandTemplate } from '../../../src/model/command.ts';

const small = { timeoutSeconds: 5, maxBytes: 10_000 };

/** The allow-list of the nodes that the tests talk to. */
export const commands = {
  who: { ...small, argv: ['id', '-un'] },
  environment: { ...small, argv: ['env'] },
  say: { ...small, argv: ['printf', '%s|%s', 'a b', '{word:name}'] },
  filter: { ...small, argv: ['printf', '%s', 'src host {from:address} and port {port:number}'] },
  fail: { ...small, argv: ['sh', '-c', 'echo out; echo err >&2; exit 7'] },
  forge: { ...small, argv: ['printf', '! 2\\n= 2 0 5 2 0 -\\nok'] },
  container: { ...small, argv: ['readlink', '/proc/self/fd/9'] },
  sleep: { argv: ['sleep', '{seconds:number}'], timeoutSeconds: 1, maxBytes: 100 },
  wait: { argv: ['sleep', '{seconds:number}'], timeoutSeconds: 30, maxBytes: 100 },
  stubborn: { argv: ['sh', '-c', 'trap "" TERM; while :; do sleep 1; done'], timeoutSeconds: 1, maxBytes: 100 },
  flood: { argv: ['yes', 'é'], timeoutSeconds: 10, maxBytes: 100_000 },
  large: { argv: ['head', '-c', '{bytes:number}', '/dev/zero'], timeoutSeconds: 10, maxBytes: 100_000 },
  lines: { ...small, argv: ['sh', '-c', 'seq {count:number}; echo err >&2'] },
  complain: { argv: ['sh', '-c', 'yes complaint | head -c 200000 >&2'], timeoutSeconds: 10, maxBytes: 1000 },
  comparison: { ...small, argv: ['printf', '%s', "selector: auth-token == 'x'"] },
  processes: { ...small, maxBytes: 1_000_000, argv: ['pgrep', '-a', '-f', '.'] },
  read: { ...small, argv: ['cat'], input: '{"name":"{word:name}","labels":{"a":"b"{,labels:nslabel}}}' },
  silent: { ...small, argv: ['cat'] },
  device: { ...small, argv: ['printf', '%s', '{device:interface}'] },
  network: { ...small, argv: ['printf', '%s', '{netns:netns}'] },
  listen: {
    ...small,
    timeoutSeconds: 30,
    argv: [
      'sh',
      '-c',
      'trap "echo seen; echo 3 packets >&2; exit 0" TERM; echo starting >&2; echo listening on eth0 >&2; while :; do sleep 0.05; done',
    ],
    readyWhen: 'listening on',
  },
  brief: { ...small, argv: ['sh', '-c', 'echo no such device >&2; exit 1'], readyWhen: 'listening on' },
  memory: {
    ...small,
    timeoutSeconds: 60,
    argv: ['sh', '-c', 'head -c 1500000000 /dev/zero | tail -c 1499999999 | wc -c'],
  },
} as const satisfies Readonly<Record<string, CommandTemplate>>;
