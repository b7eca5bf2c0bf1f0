import { grepInterfaceSettings } from '../../commands/grep.ts';
import { observed } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { LookError } from '../../model/look-error.ts';
import { defineNodeProbe } from '../../model/probe.ts';
import { outputOf } from '../lib/evidence.ts';
import { parseInterfaceSettings } from '../parse/interface-settings.ts';

/** A file that went away while it was read, or a folder that this distribution lacks, makes grep's status 2. */
const answers = [0, 2];
/** What is not as Calico sets it for its interfaces, what holds for all of them, and the files. */
const telling = /\/(?:all|default)\/|\/forwarding:0|\/proxy_arp:0|\/rp_filter:[12]|\.conf:/;

const ofIpv6 =
  'settings of interfaces are not read for a flow of IPv6. Run sysctl net.ipv6.conf.all.forwarding: it must be 1';

export const interfaceSettings = defineNodeProbe({
  id: 'interface-settings',
  description: 'Forwarding, reverse path filter and proxy ARP of every IPv4 interface, and the files that set them.',
  kind: 'passive',
  place: 'node',
  places: ['target', 'source'],
  essential: false,
  commands: [grepInterfaceSettings],
  needs: ['family'],
  provides: ['interface-settings'],
  async read(look, facts) {
    if (facts.get('family') === 6) throw new LookError('not-supported', ofIpv6);
    const transcript = await look.run(grepInterfaceSettings);
    const value = parseInterfaceSettings(outputOf(transcript, answers));
    return { 'interface-settings': observed(value, [evidenceOf({ ...transcript, exit: 0 }, telling)]) };
  },
});
