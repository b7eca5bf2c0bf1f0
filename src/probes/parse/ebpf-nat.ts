import type { ProgramService } from '../../model/program-services.ts';
import { LookError } from '../../model/look-error.ts';

const frontend =
  /^(\S{2,39}) port (\d{1,5}) proto (\d{1,3}) id \d{1,10} count -?\d{1,10} local (\d{1,10})(?: (.{1,200}))?$/;
const backend = /^\s{1,8}\d{1,10}:(\d{1,10})\s{1,8}(is missing|\S{3,47}:\d{1,5})$/;

interface Held {
  readonly service: ProgramService;
  readonly backends: string[];
  /** So many of the first backends get packets. */
  readonly used: number;
  readonly ofSome: boolean;
}

/**
 * Parses `nat dump`: a line a Service's address and port, then a line each of its backends. What is meant for some
 * sources alone (`src NETWORK`) is left out. A count of -1 stands for packets that are dropped. Backends of the node
 * itself are the first ones, and pods and nodes get only these of a Service with the flag `internal-local`
 * (felix/bpf-gpl, nat_lookup.h).
 * @throws LookError not-parsed where a line has no known shape
 */
export function parseNat(text: string): readonly ProgramService[] {
  const services: Held[] = [];
  for (const line of text.split('\n').filter((one) => one.trim() !== '')) {
    const [whole, address, port, protocol, local, more = ''] = frontend.exec(line) ?? [];
    if (whole !== undefined && address !== undefined) {
      const backends: string[] = [];
      const isExcluded = hasFlag(more, 'nat-exclude');
      const service = { address, port: Number(port), protocol: Number(protocol), backends, isExcluded, text: whole };
      const used = hasFlag(more, 'internal-local') ? Number(local) : Infinity;
      services.push({ service, backends, used, ofSome: /(?:^| )src /.test(more) });
      continue;
    }
    const [, ordinal, to] = backend.exec(line) ?? [];
    const last = services.at(-1);
    if (to === undefined || last === undefined)
      throw new LookError('not-parsed', `nat dump printed a line of no known shape: ${line.slice(0, 120).trim()}`);
    if (to !== 'is missing' && Number(ordinal) < last.used) last.backends.push(to);
  }
  return services.filter(({ ofSome }) => !ofSome).map(({ service }) => service);
}

function hasFlag(more: string, flag: string): boolean {
  const [, flags = ''] = /(?:^| )flags ([a-z-]{1,40}(?:, [a-z-]{1,40}){0,8})/.exec(more) ?? [];
  return flags.split(', ').includes(flag);
}
