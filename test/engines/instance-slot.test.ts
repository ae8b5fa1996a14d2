import { describe, expect, it, test } from 'vitest';
import type { Engine } from '../../src/engines/engine.js';
import { heldMemoryBytes, InstanceSlot } from '../../src/engines/instance-slot.js';
import { CodecError } from '../../src/errors.js';
import { DEFAULT_LIMITS } from '../../src/limits.js';

const call = { limits: DEFAULT_LIMITS };

interface TestEngine extends Engine {
  readonly id: number;
  bytes: number;
}

function slotOf(options: { renewed?: boolean; failFirst?: boolean } = {}) {
  let made = 0;
  const slot = new InstanceSlot<TestEngine>(
    async () => {
      const id = ++made;
      if (options.failFirst && id === 1) throw new CodecError('WASM_LOAD_FAILED', 'no network');
      const engine = { id, bytes: 0, memoryBytes: () => engine.bytes, complaints: () => `complaint ${id}` };
      return engine;
    },
    {
      format: 'png',
      renew: options.renewed ? async (engine) => Object.assign(engine, { id: engine.id + 100 }) : undefined,
    },
  );
  return slot;
}

test('heldMemoryBytes adds up the instances that are kept, and no others', async () => {
  const before = heldMemoryBytes();
  const grow = (bytes: number) => (engine: TestEngine) => {
    engine.bytes = bytes;
  };
  const [one, other, renewed] = [slotOf(), slotOf(), slotOf({ renewed: true })];
  await one.run('encode', call, grow(1000));
  await other.run('encode', call, grow(200));
  await renewed.run('encode', call, grow(30));
  expect(heldMemoryBytes() - before).toBe(1230);
  const loan = await other.lend(call);
  expect(heldMemoryBytes() - before).toBe(1030);
  loan.giveBack();
  await one.run('encode', call, grow(100 * 1024 * 1024));
  await renewed.run('encode', call, grow(20 * 1024 * 1024));
  expect(heldMemoryBytes() - before).toBe(200);
});

describe('InstanceSlot', () => {
  it('uses one instance for many calls', async () => {
    const slot = slotOf();
    const ids = await Promise.all([1, 2, 3].map(() => slot.run('encode', call, ({ id }) => id)));
    expect(ids).toEqual([1, 1, 1]);
  });

  it.each([
    ['a trap', new WebAssembly.RuntimeError('unreachable')],
    [
      'an ExitStatus, which is no Error',
      { name: 'ExitStatus', message: 'Program terminated with exit(1)', status: 1 },
    ],
    ['a C++ exception', 5_242_880],
    ['a string', 'failed'],
    ['undefined', undefined],
    ['an error of ours', new CodecError('CORRUPT_INPUT', 'bad', { format: 'png' })],
  ])('drops the instance after %s and throws a CodecError', async (_, thrown) => {
    const slot = slotOf();
    const failed = slot.run('encode', call, () => {
      throw thrown;
    });
    await expect(failed).rejects.toBeInstanceOf(CodecError);
    expect(await slot.run('encode', call, ({ id }) => id)).toBe(2);
  });

  it('does not hand a spoilt instance to calls that were already waiting for it', async () => {
    const slot = slotOf();
    const first = slot.run('encode', call, () => {
      throw new WebAssembly.RuntimeError('unreachable');
    });
    const second = slot.run('encode', call, ({ id }) => id);
    await expect(first).rejects.toBeInstanceOf(CodecError);
    expect(await second).toBe(2);
  });

  it('makes what the codec printed the message', async () => {
    const failed = slotOf().run('decode', call, () => {
      throw { name: 'ExitStatus' };
    });
    await expect(failed).rejects.toMatchObject({
      code: 'CORRUPT_INPUT',
      message: 'Could not decode png: complaint 1',
    });
  });

  it('tells memory that ran out from other failures', async () => {
    const slot = slotOf();
    const failed = slot.run('encode', call, () => {
      throw new RangeError('Array buffer allocation failed');
    });
    await expect(failed).rejects.toMatchObject({ code: 'OUT_OF_MEMORY' });
  });

  it('drops an instance that has grown large', async () => {
    const slot = slotOf();
    await slot.run('encode', call, (engine) => {
      engine.bytes = 65 * 1024 * 1024;
    });
    expect(await slot.run('encode', call, ({ id }) => id)).toBe(2);
  });

  it('renews the instance for each call where that is asked for', async () => {
    const slot = slotOf({ renewed: true });
    const ids = await Promise.all([1, 2, 3].map(() => slot.run('decode', call, ({ id }) => id)));
    expect(ids).toEqual([1, 101, 201]);
  });

  it('does not renew an instance that threw', async () => {
    const slot = slotOf({ renewed: true });
    const failed = slot.run('decode', call, () => {
      throw new WebAssembly.RuntimeError('unreachable');
    });
    await expect(failed).rejects.toBeInstanceOf(CodecError);
    expect(await slot.run('decode', call, ({ id }) => id)).toBe(2);
  });

  it('lends an instance to nobody else, and takes it back', async () => {
    const slot = slotOf();
    const [one, other] = await Promise.all([slot.lend(call), slot.lend(call)]);
    expect([one.engine.id, other.engine.id]).toEqual([1, 2]);
    expect(await slot.run('encode', call, ({ id }) => id)).toBe(3);
    one.giveBack();
    expect(await slot.run('encode', call, ({ id }) => id)).toBe(3);
    expect((await slot.lend(call)).engine.id).toBe(3);
    expect((await slot.lend(call)).engine.id).toBe(1);
  });

  it('does not take back an instance that has grown large, nor more of them than a few', async () => {
    const slot = slotOf();
    const large = await slot.lend(call);
    large.engine.bytes = 65 * 1024 * 1024;
    large.giveBack();
    expect((await slot.lend(call)).engine.id).toBe(2);
    const loans = [];
    for (let i = 0; i < 6; i++) loans.push(await slot.lend(call));
    for (const loan of loans) loan.giveBack();
    const ids = [];
    for (let i = 0; i < 6; i++) ids.push((await slot.lend(call)).engine.id);
    expect(ids.filter((id) => id <= 8)).toHaveLength(3);
  });

  it('tries again after an instance could not be made', async () => {
    const slot = slotOf({ failFirst: true });
    await expect(slot.run('encode', call, ({ id }) => id)).rejects.toMatchObject({
      code: 'WASM_LOAD_FAILED',
    });
    expect(await slot.run('encode', call, ({ id }) => id)).toBe(2);
  });

  it('honours a signal that fires while the instance is made', async () => {
    const controller = new AbortController();
    const running = slotOf().run('encode', { ...call, signal: controller.signal }, () => 'ran');
    controller.abort(new Error('no longer wanted'));
    await expect(running).rejects.toThrow('no longer wanted');
  });
});
