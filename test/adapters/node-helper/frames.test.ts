import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { FrameReader, type Admit, type Frame } from '../../../src/adapters/node-helper/frames.ts';

const greeting = 'calico-chatops-node 1\n';

/** Pushes a stream in pieces of the given sizes (again and again), and collects what comes out. */
function readInPieces(bytes: Buffer, sizes: readonly number[], admit: Admit = () => true): Frame[] {
  const reader = new FrameReader(admit);
  const frames: Frame[] = [];
  for (let at = 0, index = 0; at < bytes.length; index += 1) {
    const size = sizes[index % sizes.length] ?? 1;
    frames.push(...reader.push(bytes.subarray(at, at + size)));
    at += size;
  }
  return frames;
}

const payload = fc.uint8Array({ maxLength: 300 }).map((bytes) => Buffer.from(bytes));
const id = fc.integer({ min: 1, max: 999_999_999 });
const endedFrame = fc.record({
  id,
  exit: fc.option(fc.integer({ min: 0, max: 255 })),
  durationMs: fc.nat(99_999),
  stdout: payload,
  stderr: payload,
  flags: fc.subarray(['timeout', 'truncated', 'refused']),
});
const anyFrame = fc.oneof(
  id.map((number) => ({ bytes: Buffer.from(`! ${number}\n`), frame: { kind: 'ready', id: number } })),
  endedFrame.map((one) => {
    const head = Buffer.from(
      `= ${one.id} ${one.exit ?? '-'} ${one.durationMs} ${one.stdout.length} ${one.stderr.length} ${one.flags.join(',') || '-'}\n`,
    );
    const bytes = Buffer.concat([head, one.stdout, one.stderr]);
    return { bytes, frame: { kind: 'ended', ...one, bytes: bytes.length } };
  }),
);

const refuse: Admit = ({ id, outBytes, errBytes }) => {
  throw new Error(`${id} ${outBytes} ${errBytes}`);
};

describe('frames', () => {
  test('come out as they went in, however the stream is cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { maxLength: 8 }),
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }),
        (frames, sizes) => {
          const stream = Buffer.concat([Buffer.from(greeting), ...frames.map((one) => one.bytes)]);
          expect(readInPieces(stream, sizes)).toEqual([
            { kind: 'greeting', version: 1 },
            ...frames.map((one) => one.frame),
          ]);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('what a login shell says before the greeting is passed over', () => {
    expect(readInPieces(Buffer.from(`Welcome!\n\n${greeting}! 3\n`), [4])).toEqual([
      { kind: 'greeting', version: 1 },
      { kind: 'ready', id: 3 },
    ]);
  });

  test('output that is not admitted is passed over, and the next frame is read', () => {
    fc.assert(
      fc.property(
        payload,
        fc.array(fc.integer({ min: 1, max: 700 }), { minLength: 1, maxLength: 20 }),
        (body, sizes) => {
          const stream = Buffer.concat([
            Buffer.from(`${greeting}= 1 0 5 ${body.length} 0 -\n`),
            body,
            Buffer.from('! 2\n'),
          ]);
          expect(readInPieces(stream, sizes, () => false)).toEqual([
            { kind: 'greeting', version: 1 },
            { kind: 'skipped', id: 1 },
            { kind: 'ready', id: 2 },
          ]);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('who admits knows the announced sizes, and may end the reading', () => {
    expect(() => readInPieces(Buffer.from(`${greeting}= 7 0 5 99000000 88 -\n`), [1000], refuse)).toThrow(
      '7 99000000 88',
    );
  });

  test.each([
    ['a login shell that never ends', 'la\n'.repeat(4000)],
    ['a line that never ends', 'x'.repeat(9000)],
    ['a line that is no frame', `${greeting}hello\n`],
    ['a negative size', `${greeting}= 1 0 5 -1 0 -\n`],
    ['a size above every limit', `${greeting}= 1 0 5 999999999 0 -\n`],
    ['a frame line that never ends', `${greeting}= ${'1'.repeat(600)}`],
  ])('%s is refused', (_, stream) => {
    expect(() => readInPieces(Buffer.from(stream), [1000])).toThrow(Error);
  });
});
