import { grepInterfaceSettings, grepInterfaceSettings6 } from '../../commands/grep.ts';
import { observed } from '../../model/evidence.ts';
import { evidenceOf } from '../../model/evidence-of.ts';
import { defineNodeProbe } from '../../model/probe.ts';
import { outputOf } from '../lib/evidence.ts';
import { parseInterfaceSettings, parseInterfaceSettings6 } from '../parse/interface-settings.ts';

/** A file that went away while it was read, or a folder that this distribution lacks, makes grep's status 2. */
const answers = [0, 2];
/** What is not as Calico sets it for its interfaces, what holds for all of them, and the files. */
const telling = /\/(?:all|default)\/|\/forwarding:0|\/proxy_arp:0|\/rp_filter:[12]|\.conf:/;

export const interfaceSettings = defineNodeProbe({
  id: 'interface-settings',
  description:
    'Forwarding, reverse path filter and proxy ARP of every IPv4 interface, and the files that set them; of IPv6 ' +
    'forwarding alone.',
  kind: 'passive',
  place: 'node',
  places: ['target', 'source'],
  essential: false,
  commands: [grepInterfaceSettings, grepInterfaceSettings6],
  needs: ['family'],
  provides: ['interface-settings'],
  async read(look, facts) {
    const [command, parse] =
      facts.get('family') === 6
        ? [grepInterfaceSettings6, parseInterfaceSettings6]
        : [grepInterfaceSettings, parseInterfaceSettings];
    const transcript = await look.run(command);
    const value = parse(outputOf(transcript, answers));
    return { 'interface-settings': observed(value, [evidenceOf({ ...transcript, exit: 0 }, telling)]) };
  },
});
