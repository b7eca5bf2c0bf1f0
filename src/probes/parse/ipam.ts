import { LookError } from '../../model/look-error.ts';
import type { IpamUsage, PoolUsage } from '../../model/ipam.ts';

/** Cells of a line that `calicoctl ipam` draws between bars. */
function cells(line: string): readonly string[] {
  return line.startsWith('|')
    ? line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim())
    : [];
}

/**
 * Parses the table of `calicoctl ipam show`: a row a pool, found by the names of the columns, which versions add to.
 * @throws LookError not-parsed where there is no such table
 */
export function parseIpamShow(text: string): readonly PoolUsage[] {
  const rows = text
    .split('\n')
    .map(cells)
    .filter((row) => row.length > 0);
  const [head = [], ...body] = rows;
  const [cidr, total, free] = ['CIDR', 'IPS TOTAL', 'IPS FREE'].map((name) => head.indexOf(name));
  if (cidr === undefined || cidr < 0 || total === undefined || total < 0 || free === undefined || free < 0)
    throw new LookError(
      'not-parsed',
      `calicoctl ipam show printed no table: ${text.slice(0, 120).trim() || '(empty)'}`,
    );
  return body
    .filter(([grouping]) => grouping === 'IP Pool')
    .map((row) => ({ cidr: row[cidr] ?? '', total: numberOf(row[total]), free: numberOf(row[free]) }));
}

/** `65531 (100%)`; pools of IPv6 are counted in powers of ten. */
function numberOf(cell: string | undefined): number {
  return Number.parseFloat(cell ?? '');
}

/** Parses `calicoctl ipam show --show-configuration`: a row a property. What is not there is not known. */
export function parseIpamConfiguration(text: string): Pick<IpamUsage, 'strictAffinity' | 'maxBlocksPerHost'> {
  const values = new Map(
    text
      .split('\n')
      .map(cells)
      .map(([name = '', value = '']) => [name, value] as const),
  );
  const strict = values.get('StrictAffinity');
  const most = Number.parseInt(values.get('MaxBlocksPerHost') ?? '', 10);
  return {
    strictAffinity: strict === 'true' ? 'on' : strict === 'false' ? 'off' : null,
    maxBlocksPerHost: Number.isNaN(most) ? null : most,
  };
}
