import { describe, expect, test } from '@jest/globals';
import { toolWords, unrunTool } from '../../src/model/node-tools.ts';
import { transcript } from '../probes/transcript.ts';

describe('the program that a command could not run', () => {
  // As timeout, ip and bash of Debian 12 print it, in the C locale and in another.
  test.each([
    [127, "timeout: failed to run command 'ipset': No such file or directory", 'ipset', 'missing'],
    [127, 'timeout: failed to run command ‘ipset’: No such file or directory', 'ipset', 'missing'],
    [127, "timeout: failed to run command '/usr/sbin/ipset': No such file or directory", 'ipset', 'missing'],
    [126, "timeout: failed to run command 'tcpdump': Permission denied", 'tcpdump', 'refused'],
    [126, "timeout: failed to run command 'calicoctl': Exec format error", 'calicoctl', 'refused'],
    [255, 'exec of "ping" failed: No such file or directory', 'ping', 'missing'],
    [255, 'exec of "ss" failed: Permission denied', 'ss', 'refused'],
    [1, 'exec of "ss" failed: Permission denied', 'ss', 'refused'],
    [127, 'bash: line 1: type: readlink: not found', 'readlink', 'missing'],
    [127, 'bash: line 1: stat: command not found', 'stat', 'missing'],
  ] as const)('exit %i, %s', (exit, stderr, tool, state) => {
    expect(unrunTool(transcript({ exit, stderr, command: 'timeout 3 any' }))).toMatchObject({ tool, state });
  });

  test.each([
    ['ipset save', 'ipset'],
    ['ip netns exec cni-1 timeout 0.9 bash -c x', 'bash'],
    ['ip netns exec cni-1 ping -n', 'ping'],
  ])('where nothing was said, it is the one that %s names', (command, tool) => {
    expect(unrunTool(transcript({ exit: 127, command }))).toEqual({ tool, state: 'missing', said: '' });
  });

  test.each([
    [0, ''],
    [1, "timeout: failed to run command 'ipset': No such file or directory"],
    [2, 'exec of "ping" failed: No such file or directory'],
    [255, ''],
    [255, 'Cannot open network namespace "cni-1": No such file or directory'],
    [null, "timeout: failed to run command 'ipset': No such file or directory"],
  ])('exit %p, %j: its program ran, or nobody knows', (exit, stderr) => {
    expect(unrunTool(transcript({ exit, stderr, command: 'ip netns exec cni-1 ping' }))).toBeNull();
  });

  test('a command that the node ended says nothing of its program', () => {
    expect(unrunTool(transcript({ exit: 127, timedOut: true, command: 'ipset save' }))).toBeNull();
  });
});

test.each([
  ['conntrack', 'Run apt-get install conntrack (Debian) or dnf install conntrack-tools (RHEL)'],
  ['nft', 'Run apt-get install nftables (Debian) or dnf install nftables (RHEL)'],
  ['calicoctl', "Copy calicoctl of the cluster's version to /usr/local/bin"],
  ['constructor', 'Install it'],
])('says how a node gets %s', (tool, how) => {
  expect(toolWords({ tool, state: 'missing', said: '' }, 'n1')).toBe(`${tool} is not installed on n1. ${how}`);
});
