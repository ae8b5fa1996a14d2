import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { copyInTurns, TURN_BYTES } from '../../src/pool/copy-in-turns.js';
import { workOn } from '../../src/pool/task-runner.js';

const inputOf = (bytes: Uint8Array) =>
  workOn(bytes, 'keep', (copy) => ({ kind: 'decode', bytes: copy, options: {} }));

const noise = (length: number) => Uint8Array.from({ length }, (_, i) => Math.imul(i, 0x9e3779b1) >>> 24);

test.each([0, 1, TURN_BYTES - 1, TURN_BYTES, TURN_BYTES + 1, 2 * TURN_BYTES + 77])(
  '%i bytes of a view are copied, each once',
  async (length) => {
    const memory = noise(length + 9);
    const bytes = memory.subarray(5, 5 + length);
    let asked = 0;
    const copy = await copyInTurns(inputOf(bytes), () => {
      asked++;
      return true;
    });
    expect(Buffer.compare(copy!, bytes)).toBe(0);
    expect(copy!.buffer).not.toBe(memory.buffer);
    expect(copy!.buffer.byteLength).toBe(length);
    expect(asked).toBe(Math.max(Math.ceil(length / TURN_BYTES) - 1, 0));
  },
);

test('others have their turn between two pieces', async () => {
  let done = false;
  const copying = copyInTurns(inputOf(new Uint8Array(6 * TURN_BYTES)), () => true).then(() => {
    done = true;
  });
  let turns = 0;
  while (!done) {
    await turn();
    turns++;
  }
  await copying;
  expect(turns).toBeGreaterThanOrEqual(5);
});

test('a copy that is no longer wanted is left', async () => {
  let asked = 0;
  expect(await copyInTurns(inputOf(new Uint8Array(6 * TURN_BYTES)), () => ++asked < 3)).toBe(undefined);
  expect(asked).toBe(3);
});

test('bytes that are moved away in the middle are an error', async () => {
  const bytes = new Uint8Array(6 * TURN_BYTES);
  const copying = copyInTurns(inputOf(bytes), () => true);
  structuredClone(bytes, { transfer: [bytes.buffer] });
  await expect(copying).rejects.toMatchObject({ code: 'CODEC_FAILED' });
});
