import { describe, expect, test } from '@jest/globals';
import { parseIpset, withTestedElement } from '../../../src/ruleset/sets/ipset.ts';
import { packetOf } from '../../../src/ruleset/walk/packet.ts';
import { inSet } from '../../../src/ruleset/sets/membership.ts';
import { ruleSetName, setName } from '../../../src/calico/set-names.ts';
import { captured } from '../captured.ts';

const from = (source: string) =>
  packetOf({ source, destination: '10.9.9.9', protocol: 6, sourcePort: 1, destinationPort: 80 });
const none = () => undefined;

describe('ipset', () => {
  test.each(['policies-nft/n1', 'policies-legacy/n1', 'healthy-vxlan-legacy/n2'])(
    'save and list of %s say the same',
    (place) => {
      const saved = parseIpset(captured(`${place}/ipset-save.txt`));
      const listed = parseIpset(captured(`${place}/ipset-list.txt`));
      expect(saved.sets.length).toBeGreaterThan(3);
      expect(listed).toEqual(saved);
      expect(saved.uncertainties).toEqual([]);
    },
  );

  test('heads alone leave membership unknown, until an element is tested', () => {
    const [set] = parseIpset(
      'Name: big\nType: hash:net\nRevision: 7\nHeader: family inet hashsize 1024\nSize in memory: 1\nReferences: 1\nNumber of entries: 200000\n',
    ).sets;
    if (!set) throw new Error('no set');
    expect(set).toMatchObject({ elements: null, size: 200000 });
    expect(inSet(set, from('10.0.0.1'), ['src'], none)).toBe('the members of the set big were not read');
    expect(inSet(withTestedElement(set, '10.0.0.1', true), from('10.0.0.1'), ['src'], none)).toBe(true);
    expect(inSet(withTestedElement(set, '10.0.0.1', false), from('10.0.0.1'), ['src'], none)).toBe(false);
  });

  test('a list that is shorter than it says is not trusted', () => {
    const parsed = parseIpset(
      'Name: x\nType: hash:ip\nHeader: family inet\nNumber of entries: 2\nMembers:\n10.0.0.1\n',
    );
    expect(parsed.uncertainties).toEqual([{ rule: 'x', why: 'the list of the set is cut off' }]);
    expect(parsed.sets[0]?.elements).toBeNull();
  });

  test('the most specific element decides, and nomatch says no', () => {
    const [set] = parseIpset(
      'create x hash:net family inet\nadd x 10.0.0.0/8\nadd x 10.1.0.0/16 nomatch\nadd x 10.1.2.0/24\n',
    ).sets;
    if (!set) throw new Error('no set');
    expect(
      ['10.2.0.1', '10.1.0.1', '10.1.2.3', '11.0.0.1'].map((address) => inSet(set, from(address), ['src'], none)),
    ).toEqual([true, false, true, false]);
  });

  test('IPv6 sets hold IPv6 addresses only', () => {
    const [set] = parseIpset('create x hash:net family inet6\nadd x fd00::/8\n').sets;
    if (!set) throw new Error('no set');
    const packet = packetOf({ source: 'fd12::1', destination: 'fd12::2', protocol: 58 });
    expect([inSet(set, packet, ['src'], none), inSet(set, from('10.0.0.1'), ['src'], none)]).toEqual([true, false]);
  });

  test('names of Calico sets are computed', () => {
    expect(ruleSetName('s', 'all()')).toBe('cali40s:5y5I3VdRZfDU01O--xXAPx2');
    expect([setName('all-hosts-net'), setName('this-host', 6)]).toEqual(['cali40all-hosts-net', 'cali60this-host']);
  });
});
