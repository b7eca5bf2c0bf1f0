/**
 * What the node's helper writes (deploy/node/README.md): a greeting, then frames.
 * `ended` has exit null when the command never ran (`refused`: the reason is in `stderr`).
 */
export type Frame =
  | { readonly kind: 'greeting'; readonly version: number }
  | { readonly kind: 'ready'; readonly id: number }
  /** Its output was passed over, because it was not admitted. */
  | { readonly kind: 'skipped'; readonly id: number }
  | EndedFrame;

export interface EndedFrame {
  readonly kind: 'ended';
  readonly id: number;
  readonly exit: number | null;
  readonly durationMs: number;
  readonly stdout: Buffer;
  readonly stderr: Buffer;
  readonly flags: readonly string[];
  /** Size of the whole frame. */
  readonly bytes: number;
}

/** What a frame announces, before its output comes. */
export type Head = Omit<EndedFrame, 'stdout' | 'stderr'> & { readonly outBytes: number; readonly errBytes: number };

/**
 * Decides about a frame before any of its output is kept: true keeps it, false passes it over.
 * @throws Error when nothing more may be read from this node
 */
export type Admit = (head: Head) => boolean;

const longestLine = 512;
/** What a login shell may print before the helper starts. */
const mostChatter = 8192;
const greetingLine = /^calico-chatops-node (\d{1,4})$/;
const readyLine = /^! (\d{1,9})$/;
const endedLine = /^= (\d{1,9}) (-|\d{1,3}) (\d{1,9}) (\d{1,8}) (\d{1,8}) ([a-z,]+|-)$/;

function parseHead(line: string): Head | null {
  const [, id, exit, durationMs, outBytes, errBytes, flags] = endedLine.exec(line) ?? [];
  if (flags === undefined) return null;
  const [out, err] = [Number(outBytes), Number(errBytes)];
  return {
    kind: 'ended',
    id: Number(id),
    exit: exit === '-' ? null : Number(exit),
    durationMs: Number(durationMs),
    flags: flags === '-' ? [] : flags.split(','),
    outBytes: out,
    errBytes: err,
    bytes: line.length + 1 + out + err,
  };
}

/** Puts frames together from chunks of any size. It holds at most one line, or the output of one admitted frame. */
export class FrameReader {
  #chunks: Buffer[] = [];
  #length = 0;
  #greeted = false;
  #chatter = 0;
  #head: Head | null = null;
  #skipping: { readonly id: number; left: number } | null = null;
  readonly #admit: Admit;

  constructor(admit: Admit) {
    this.#admit = admit;
  }

  /**
   * Gives the frames that this chunk completes, one by one: what follows is admitted after the frame before was taken.
   * @throws Error when what comes is not the helper's language
   */
  *push(chunk: Buffer): Generator<Frame> {
    this.#chunks.push(chunk);
    this.#length += chunk.length;
    for (let frame = this.#next(); frame !== 'incomplete'; frame = this.#next()) {
      if (frame !== null) yield frame;
    }
  }

  /** A frame, null for a line that is none, or `incomplete`. */
  #next(): Frame | null | 'incomplete' {
    if (this.#skipping !== null) return this.#skip(this.#skipping);
    if (this.#head !== null) return this.#body(this.#head);
    const line = this.#line();
    if (line === null) return 'incomplete';
    if (!this.#greeted) return this.#greeting(line);
    const ready = readyLine.exec(line);
    if (ready !== null) return { kind: 'ready', id: Number(ready[1]) };
    const head = parseHead(line);
    if (head === null) throw new Error(`not a frame: ${JSON.stringify(line.slice(0, 80))}`);
    if (this.#admit(head)) this.#head = head;
    else this.#skipping = { id: head.id, left: head.outBytes + head.errBytes };
    return null;
  }

  #greeting(line: string): Frame | null {
    const version = greetingLine.exec(line)?.[1];
    if (version !== undefined) {
      this.#greeted = true;
      return { kind: 'greeting', version: Number(version) };
    }
    this.#chatter += line.length + 1;
    if (this.#chatter > mostChatter) throw new Error('no greeting of the node helper');
    return null;
  }

  #body(head: Head): Frame | 'incomplete' {
    const { outBytes, errBytes, ...rest } = head;
    if (this.#length < outBytes + errBytes) return 'incomplete';
    const body = this.#take(outBytes + errBytes);
    this.#head = null;
    return { ...rest, stdout: body.subarray(0, outBytes), stderr: body.subarray(outBytes) };
  }

  #skip(skipping: { readonly id: number; left: number }): Frame | 'incomplete' {
    const bytes = Math.min(skipping.left, this.#length);
    this.#take(bytes);
    skipping.left -= bytes;
    if (skipping.left > 0) return 'incomplete';
    this.#skipping = null;
    return { kind: 'skipped', id: skipping.id };
  }

  #line(): string | null {
    if (this.#chunks.length > 1) this.#chunks = [Buffer.concat(this.#chunks)];
    const end = this.#chunks[0]?.indexOf('\n') ?? -1;
    const limit = this.#greeted ? longestLine : mostChatter;
    if (end > limit || (end === -1 && this.#length > limit)) throw new Error('a line of the node helper is too long');
    return end === -1 ? null : this.#take(end + 1).toString('latin1', 0, end);
  }

  #take(bytes: number): Buffer {
    const all =
      this.#chunks.length === 1 && this.#chunks[0] !== undefined ? this.#chunks[0] : Buffer.concat(this.#chunks);
    this.#chunks = bytes < all.length ? [all.subarray(bytes)] : [];
    this.#length = all.length - bytes;
    return all.subarray(0, bytes);
  }
}
