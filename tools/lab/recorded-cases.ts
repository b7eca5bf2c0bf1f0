/**
 * Cases of faults as they are kept in the repository: one archive for each kind of lab, in which equal files of several
 * cases stand once.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { z } from 'zod';
import { projectRoot } from './paths.ts';
import { dataplanes, datastores, eras } from './topology.ts';
import { encaps } from './encapsulation.ts';

const kindSchema = z.object({
  dataplane: z.enum(dataplanes),
  datastore: z.enum(datastores),
  encap: z.enum(encaps),
  /** Not given: today's Calico. */
  era: z.enum(eras).optional(),
});
/** What a lab was in which cases were recorded. */
export type RecordedKind = z.infer<typeof kindSchema>;

const caseSchema = z.object({
  fault: z.string(),
  /** `key=value`, as `break` takes them. */
  given: z.array(z.string()),
  /** Arguments of `diagnose`. */
  asks: z.array(z.string()),
  /** Of each file of the case, by its path: where its text stands in `texts`. */
  files: z.record(z.string(), z.number()),
});
const archiveSchema = z.object({ kind: kindSchema, texts: z.array(z.string()), cases: z.array(caseSchema) });

/** One diagnosis of a broken fault. */
export interface RecordedCase {
  readonly fault: string;
  readonly given: readonly string[];
  readonly asks: readonly string[];
  /** Text of each file, by its path in the folder of the case. */
  readonly files: Readonly<Record<string, string>>;
}

/** All cases of one kind of lab. */
export interface CaseArchive {
  readonly kind: RecordedKind;
  readonly cases: readonly RecordedCase[];
}

const folder = `${projectRoot}/test/cases/faults`;
/** Of one archive: a repository keeps every version of it. */
const mostBytes = 1_000_000;

/** Returns the archives of the repository. */
export function recordedArchives(): readonly CaseArchive[] {
  return existsSync(folder)
    ? readdirSync(folder)
        .filter((name) => name.endsWith('.br'))
        .map((name) => unpacked(readFileSync(join(folder, name))))
    : [];
}

/** Says which question a case answers: one of the same question takes its place. */
function questionOf({ fault, given, asks }: Pick<RecordedCase, 'fault' | 'given' | 'asks'>): string {
  return JSON.stringify([fault, given, asks]);
}

/** Keeps the case in its archive. @throws Error where the archive grows too large */
export function keepCase(kind: RecordedKind, recorded: RecordedCase): void {
  const version = kind.era === '2' ? '-era-2' : '';
  const file = join(folder, `${kind.dataplane}-${kind.datastore}-${kind.encap}${version}.br`);
  const before = existsSync(file) ? unpacked(readFileSync(file)).cases : [];
  const cases = [...before.filter((one) => questionOf(one) !== questionOf(recorded)), recorded].toSorted((a, b) =>
    questionOf(a) < questionOf(b) ? -1 : 1,
  );
  const bytes = packed({ kind, cases });
  if (bytes.length > mostBytes) throw new Error(`${file} would have ${bytes.length} bytes, and may have ${mostBytes}`);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, bytes);
}

/** Reads the files of a case that `diagnose --case` wrote. */
export function filesIn(directory: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(directory, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [relative(directory, path), readFileSync(path, 'utf8')] as const)
      .toSorted(([a], [b]) => (a < b ? -1 : 1)),
  );
}

/** Writes the files of a case into a folder that is there. */
export function writeCase({ files }: RecordedCase, directory: string): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(directory, path)), { recursive: true, mode: 0o700 });
    writeFileSync(join(directory, path), text, { mode: 0o600 });
  }
}

/** Returns the bytes of an archive. */
export function packed({ kind, cases }: CaseArchive): Buffer {
  const places = new Map<string, number>();
  const placeOf = (text: string) => {
    const place = places.get(text) ?? places.size;
    places.set(text, place);
    return place;
  };
  const archive = {
    kind,
    cases: cases.map(({ files, ...rest }) => ({
      ...rest,
      files: Object.fromEntries(Object.entries(files).map(([path, text]) => [path, placeOf(text)])),
    })),
    texts: [...places.keys()],
  };
  return brotliCompressSync(JSON.stringify(archive), {
    params: { [constants.BROTLI_PARAM_QUALITY]: 9, [constants.BROTLI_PARAM_LGWIN]: 24 },
  });
}

/** @throws Error where the bytes are no archive */
export function unpacked(bytes: Buffer): CaseArchive {
  const { kind, cases, texts } = archiveSchema.parse(JSON.parse(brotliDecompressSync(bytes).toString('utf8')));
  return {
    kind,
    cases: cases.map(({ files, ...rest }) => ({
      ...rest,
      files: Object.fromEntries(
        Object.entries(files).map(([path, place]) => {
          const text = texts[place];
          if (text === undefined) throw new Error(`${rest.fault}: the archive lacks ${path}`);
          return [path, text];
        }),
      ),
    })),
  };
}
