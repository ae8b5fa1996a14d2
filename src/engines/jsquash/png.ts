import { loadWasm } from '../../platform/platform.js';
import type { Engine, EngineCall, EnginePixels } from '../engine.js';
import { InstanceSlot } from '../instance-slot.js';
import { instantiate } from '../instantiate.js';

/** What is left of the exports of @jsquash/png's module (wasm-bindgen's calling convention). */
interface PngExports {
  memory: WebAssembly.Memory;
  decode(file: number, length: number): number;
  decode_rgba16(file: number, length: number): number;
  imagedatargba16_width(image: number): number;
  imagedatargba16_height(image: number): number;
  imagedatargba16_data(image: number): number;
  __wbg_imagedatargba16_free(image: number): void;
  __wbindgen_malloc(bytes: number, alignment: number): number;
  __wbindgen_free(pointer: number, bytes: number, alignment: number): void;
}

interface PngEngine extends Engine {
  readonly exports: PngExports;
  /** The last image, or view of samples, that the module handed to its host. */
  readonly received: { image?: EnginePixels; samples?: Uint8Array };
}

/**
 * The module by itself, without its glue: that holds one instance for good, reads the whole buffer behind a view, and
 * needs a global `ImageData`.
 */
async function createPng(): Promise<PngEngine> {
  const module = await loadWasm('jsquash-png');
  const received: PngEngine['received'] = {};
  let exports: PngExports;
  const copyOut = (pointer: number, length: number) =>
    new Uint8Array(exports.memory.buffer, pointer >>> 0, length >>> 0).slice();
  // The module counts references to objects of its host by number. Only one is alive at any time, so one number does.
  const host: Record<string, (...args: number[]) => number | undefined> = {
    memory: () => 0,
    buffer: () => 0,
    object_drop_ref: () => undefined,
    newwithbyteoffsetandlength: (_buffer, offset = 0, samples = 0) => {
      received.samples = copyOut(offset, samples * 2);
      return 0;
    },
    newwithownedu8clampedarrayandsh: (pointer = 0, length = 0, width = 0, height = 0) => {
      received.image = { data: copyOut(pointer, length), width: width >>> 0, height: height >>> 0 };
      exports.__wbindgen_free(pointer, length, 1);
      return 0;
    },
    throw: (pointer = 0, length = 0) => {
      throw new Error(new TextDecoder().decode(copyOut(pointer, length)));
    },
  };
  const wbg: Record<string, (...args: number[]) => number | undefined> = {};
  for (const { name } of WebAssembly.Module.imports(module)) {
    // __wbg_buffer_a448f833075b71ba, __wbindgen_throw
    const short = name.replace(/^__wb(g|indgen)_/, '').replace(/_[0-9a-f]{16}$/, '');
    const serve = host[short];
    if (!serve) throw new Error(`jsquash-png.wasm imports ${name}, which nothing serves`);
    wbg[name] = serve;
  }
  const instance = await instantiate(module, { wbg });
  exports = instance.exports as unknown as PngExports;
  return { exports, received, memoryBytes: () => exports.memory.buffer.byteLength };
}

const slot = new InstanceSlot(createPng, { format: 'png' });

function copyIn(exports: PngExports, parts: readonly Uint8Array[]): { pointer: number; length: number } {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const pointer = exports.__wbindgen_malloc(length, 1) >>> 0;
  const memory = new Uint8Array(exports.memory.buffer);
  let at = pointer;
  for (const part of parts) {
    memory.set(part, at);
    at += part.length;
  }
  return { pointer, length };
}

/** Peak of memory a pixel, measured on noise: the decoder's image, for 16 bits in two byte orders and grown by doubling, and ours. */
export const PNG_DECODE_BYTES_PER_PIXEL = { 8: 13, 16: 42 } as const;

/**
 * Decodes with the Rust `png` crate.
 *
 * @param parts the file, in pieces
 * @returns RGBA8, or RGBA16 with samples in host order
 */
export function decodePngPixels(
  parts: readonly Uint8Array[],
  bitDepth: 8 | 16,
  options: EngineCall,
): Promise<EnginePixels> {
  return slot.run('decode', options, ({ exports, received }) => {
    const { pointer, length } = copyIn(exports, parts);
    if (bitDepth === 8) {
      exports.decode(pointer, length);
      const { image } = received;
      if (image === undefined) throw new Error('no image');
      received.image = undefined;
      return image;
    }
    const image = exports.decode_rgba16(pointer, length);
    const width = exports.imagedatargba16_width(image) >>> 0;
    const height = exports.imagedatargba16_height(image) >>> 0;
    exports.imagedatargba16_data(image);
    const { samples } = received;
    if (samples === undefined) throw new Error('no image');
    received.samples = undefined;
    exports.__wbg_imagedatargba16_free(image);
    return { data: samples as Uint8Array<ArrayBuffer>, width, height };
  });
}
