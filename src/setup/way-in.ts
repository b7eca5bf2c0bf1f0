/** Why there is no way into a node, and what opens it. */
import type { LookError } from '../model/look-error.ts';
import { bastionIn, closedBastionIn, scanOf, sshPortIn, tryTcp } from '../model/ssh-port.ts';
import type { Trouble } from './check.ts';

interface Way {
  readonly name: string;
  readonly address: string;
  readonly hostsFile: string;
}

const install = 'Run deploy/node/install KEY.pub on the node as root';

/** Returns words that are the same for all nodes of one cause: without names, addresses and fingerprints. */
export function wayInTrouble({ code, message }: LookError, way: Way): Trouble {
  const said = message.replace(/^[^:(]{0,300}(?:\([^)]{0,300}\))?: /, '');
  const closed = closedBastionIn(message);
  if (closed !== null) return bastionTrouble(closed, way);
  const bastion = bastionIn(message);
  const here = bastion === null ? 'where the bot runs' : `on the bastion ${bastion}`;
  if (code === 'ssh-host-key') return hostKeyTrouble(said, way);
  if (code === 'ssh-refused' && /was not accepted/.test(said))
    return {
      text: `sshd does not accept the key of SSH_KEY_FILE: ${said}`,
      next: `${install}, with the public part of that key`,
    };
  if (code === 'ssh-refused' || code === 'ssh-no-answer')
    return {
      text: `sshd does not answer: ${withoutAddress(said, way)}`,
      next: `Run ${tryTcp('NODE', sshPortIn(message))} ${here}`,
    };
  if (code === 'ssh-unreachable')
    return {
      text: `there is no way to sshd: ${withoutAddress(said, way)}`,
      next: `Run ip route get ADDRESS ${here}, then check routers and firewalls on the way`,
    };
  if (code === 'node-helper-missing') return helperTrouble(said);
  return { text: withoutAddress(said, way), next: 'Run uptime on the node: is it overloaded?' };
}

/** One line for all nodes: the bot did not come as far as any of them. */
function bastionTrouble(closed: NonNullable<ReturnType<typeof closedBastionIn>>, { hostsFile }: Way): Trouble {
  const { host, port, why } = closed;
  const reason = why.replaceAll('known_hosts', hostsFile);
  const text = `the bastion of SSH_JUMP, ${host}:${port}, does not let the bot in: ${reason}`;
  if (/^its host key |^it has no host key /.test(why))
    return {
      text,
      next: `Run ${scanOf(closed)}, compare the key with the console of the bastion, and put it into ${hostsFile}`,
    };
  if (/was not accepted/.test(why))
    return { text, next: 'Add the public part of SSH_KEY_FILE to the authorized_keys of this account on the bastion' };
  return { text, next: `Run ${tryTcp(host, port)} where the bot runs` };
}

function hostKeyTrouble(said: string, { hostsFile }: Way): Trouble {
  const scan = `Run ssh-keyscan NODE, compare the key with the console of the node, and put it into ${hostsFile}`;
  const text = said.replace(/^its host key \S+ /, 'its host key ').replaceAll('known_hosts', hostsFile);
  return /of another name/.test(said)
    ? {
        text: text.replace(/: add a line.*$/, ''),
        next: 'Correct the name in its line: it must be the name of the node in Kubernetes',
      }
    : { text, next: /is not in known_hosts/.test(said) ? `${scan} under the name of the node` : scan };
}

/** Source: what sudo, a shell and the helper itself print. */
function helperTrouble(said: string): Trouble {
  if (/password is required|not allowed to execute|may not run sudo|not in the sudoers/i.test(said))
    return { text: 'sudo does not let the account start the helper: its sudoers file is missing', next: install };
  if (/command not found|No such file|not found/i.test(said))
    return { text: 'the helper is not installed', next: install };
  if (/allow-list is missing/.test(said)) return { text: 'the allow-list of the helper is missing', next: install };
  if (/not in the allow-list/.test(said))
    return {
      text: 'the allow-list of the helper is outdated',
      next: `${install} again, from this version of calico-chatops`,
    };
  return { text: said, next: install };
}

/** Refusals and timeouts name the node; nodes of one cause are one line. */
function withoutAddress(said: string, { name, address }: Way): string {
  return said.replaceAll(address, 'the node').replaceAll(name, 'the node');
}
