import { describe, expect, test } from '@jest/globals';
import { calicoctlVersions, datastoreKind, whyMissing } from '../../src/calico/calicoctl-answers.ts';
import { readCapture } from '../cases/capture.ts';

describe('versions', () => {
  test('as captured, of a build without a version', () => {
    expect(calicoctlVersions(readCapture('healthy-legacy').text('calicoctl/version.txt') ?? '')).toEqual({
      client: null,
      cluster: null,
    });
  });
  test.each([
    ['', null, null],
    ['Client Version:    v3.5.8\nBuild date: x\n', 'v3.5.8', null],
    ['Client Version:    v3.30.0\nCluster Version:   unknown\n', 'v3.30.0', null],
    ['Client Version:\nCluster Version: v3.1.0\n', null, 'v3.1.0'],
  ])('%j', (text, client, cluster) => {
    expect(calicoctlVersions(text)).toEqual({ client, cluster });
  });
});

test.each([
  ['  datastoreType: "kubernetes"\n', 'kubernetes'],
  ["datastoreType: 'etcdv3'\n", 'etcdv3'],
  ['  datastoreType: "etcdv2"\n', 'etcdv3'],
  ['datastoreType: other\n', null],
  ['', null],
])('the datastore that %j names', (text, kind) => {
  expect(datastoreKind(text)).toBe(kind);
});

test.each([
  ['resource does not exist: Profile(kns.a) with error: <nil>\n', '<nil>'],
  ['x\nresource does not exist: Profile(kns.a) with error: profiles "kns.a" not found', 'profiles "kns.a" not found'],
  ['connection refused', null],
])('why %j says that nothing is there', (text, why) => {
  expect(whyMissing(text)).toBe(why);
});
