import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import decodeByMozjpeg, { init } from '@jsquash/jpeg/decode.js';
import jpegJs from 'jpeg-js';
import sharp from 'sharp';

/** What a decoder makes of a file. */
export interface Decoded {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
  readonly channels: number;
}

/** Decoders that share no code with ours, each throwing where it has anything to complain of. */
export const STRICT_DECODERS = {
  sharp: bySharp,
  jsquash: byJsquash,
  'jpeg-js': byJpegJs,
} as const;

/** By libjpeg-turbo's code; one channel where the file has one component. */
async function bySharp(file: Uint8Array, components: 1 | 3): Promise<Decoded> {
  const { data, info } = await sharp(file, { failOn: 'warning' })
    .toColourspace(components === 1 ? 'b-w' : 'srgb')
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, ...info };
}

/** The components that a file has, by its frame header (T.81, B.2.2). */
export function componentsOf(file: Uint8Array): number {
  let at = 2;
  while ((file[at + 1]! & 0xfc) !== 0xc0 || file[at + 1] === 0xc4)
    at += 2 + file[at + 2]! * 256 + file[at + 3]!;
  return file[at + 9]!;
}

const printed: string[] = [];
let ready: Promise<void> | undefined;

/** The decoder prints its warnings and goes on: whatever it prints is one. */
async function startJsquash(): Promise<void> {
  const print = (line: unknown) => printed.push(String(line));
  const path = createRequire(import.meta.url).resolve('@jsquash/jpeg/codec/dec/mozjpeg_dec.wasm');
  const module = await WebAssembly.compile(await readFile(path));
  // Its declarations do not know of the module, which comes first.
  await (init as (module: WebAssembly.Module, settings: object) => Promise<void>)(module, {
    print,
    printErr: print,
  });
}

async function byJsquash(file: Uint8Array): Promise<Decoded> {
  ready ??= startJsquash();
  await ready;
  const { data, width, height } = await decodeByMozjpeg(file as unknown as ArrayBuffer);
  const complaints = printed.splice(0);
  if (complaints.length > 0) throw new Error(complaints.join('; '));
  return { data: new Uint8Array(data.buffer, data.byteOffset, data.length), width, height, channels: 4 };
}

async function byJpegJs(file: Uint8Array): Promise<Decoded> {
  const { data, width, height } = jpegJs.decode(file, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxMemoryUsageInMB: 2048,
  });
  return { data, width, height, channels: 3 };
}
