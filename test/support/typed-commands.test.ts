import { expect, test } from '@jest/globals';
import { leftToFill } from './typed-commands.ts';

test.each([
  ['a value in angle brackets', 'kubectl get pod <pod>', '<pod>'],
  ['a value that was not known', 'ip link show ?', '?'],
  ['a value that was not there', 'ip link show undefined', 'undefined'],
  ['a placeholder', 'ip link show {device}', '{device}'],
  ['a word that nobody explains', 'kubectl delete pod POD', 'POD'],
])('notices %s', (_, command, hole) => {
  expect(leftToFill([command])).toEqual([`${hole} in: ${command}`]);
});

test('takes a word that any command of the advice explains, and the words of programs', () => {
  expect(
    leftToFill([
      'openstack port set --allowed-address ip-address=10.244.0.0/16 PORT   # PORT: the port of each node',
      'aws ec2 authorize-security-group-ingress --group-id PORT',
      "iptables-save -t nat | grep -E 'MASQUERADE|SNAT'; iptables -L FORWARD",
      'kubectl get pod a   # what is <this>?',
    ]),
  ).toEqual([]);
});
