import { z } from 'zod';
import { limited, type Check, type Trouble } from './check.ts';

/** @param what cannot arrive, and why it should */
export const noListen = (what: string): Check =>
  limited('LISTEN', { text: `LISTEN is not set, and ${what} cannot arrive`, next: 'Set LISTEN, such as 0.0.0.0:8080' });

/** What `GET /healthz` of a bot says of itself: other programs answer JSON with `ok` too. */
export const ofThisBot = { program: 'calico-chatops' } as const;

const ofBotSchema = z.object({ program: z.literal(ofThisBot.program) });

/** Is this what `GET /healthz` of a bot answers? */
export const isOfBot = (body: unknown): boolean => ofBotSchema.safeParse(body).success;

/** Returns the keys that are set and let Alertmanager in. */
export function alertSecrets(config: {
  readonly ALERT_TOKEN?: string | undefined;
  readonly ALERT_BASIC_AUTH?: string | undefined;
}): readonly string[] {
  return (['ALERT_TOKEN', 'ALERT_BASIC_AUTH'] as const).filter((key) => config[key] !== undefined);
}

/** Says why the program cannot listen, and what to do. @param why of the system, with its code */
export function listenTrouble({ host, port }: { readonly host: string; readonly port: number }, why: string): Trouble {
  const place = `${host}:${port}`;
  if (/EADDRINUSE/.test(why))
    return {
      text: `${place} is taken by another program`,
      next: `Run ss -ltnp sport = :${port}, or choose another LISTEN`,
    };
  if (/EADDRNOTAVAIL|ENOTFOUND|EAI_AGAIN/.test(why))
    return {
      text: `${place} is not an address of this machine`,
      next: 'Run ip -brief address, and choose one of these, or 0.0.0.0',
    };
  if (/EACCES/.test(why))
    return { text: `${place} is a port for root only`, next: 'Choose a port from 1024 for LISTEN' };
  return { text: `${place} cannot be used: ${why}`, next: 'Choose another LISTEN' };
}
