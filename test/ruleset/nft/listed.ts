/** Rules as nft lists them, and what becomes of a packet there. */
import type { Packet } from '../../../src/model/ruleset/packet.ts';
import { parseNftJson } from '../../../src/ruleset/nft/listing.ts';
import { walkHook } from '../../../src/ruleset/walk/walk-hook.ts';
import { anyTcp } from '../rules-of.ts';

export const input = { ...anyTcp, outInterface: null };
/** A chain at INPUT of an inet table with these rules, each a list of expressions. */
export const chain = (rules: readonly (readonly object[])[], more: readonly object[] = []) =>
  parseNftJson(
    JSON.stringify({
      nftables: [
        { metainfo: { version: '1.0.6' } },
        { table: { family: 'inet', name: 't', handle: 1 } },
        {
          chain: {
            family: 'inet',
            table: 't',
            name: 'in',
            handle: 1,
            type: 'filter',
            hook: 'input',
            prio: 0,
            policy: 'accept',
          },
        },
        ...more,
        ...rules.map((expr, at) => ({ rule: { family: 'inet', table: 't', chain: 'in', handle: at + 2, expr } })),
      ],
    }),
  );
export const match = (left: unknown, right: unknown, op = '==') => ({ match: { op, left, right } });
export const payload = (protocol: string, field: string) => ({ payload: { protocol, field } });
export const meta = (key: string) => ({ meta: { key } });
export const drop = { drop: null };
export const decide = (expressions: readonly object[], packet: Packet = input, more: readonly object[] = []) =>
  walkHook([chain([expressions], more)], packet, 'INPUT').decision;

export const why = (expressions: readonly object[]) =>
  walkHook([chain([expressions])], input, 'INPUT').uncertainties.map((one) => one.why);
