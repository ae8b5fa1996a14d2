import { beforeAll, describe, expect, it } from 'vitest';
import { EXTENSIONS, MIME_TYPES, sniffFormat } from '../src/sniff.js';
import { box, concat, latin1, makeSamples } from './container/samples.js';

let samples: Record<string, Uint8Array>;
beforeAll(async () => {
  samples = await makeSamples();
});

describe('sniffFormat', () => {
  it('knows every sample by its first 64 bytes', () => {
    for (const [name, bytes] of Object.entries(samples)) {
      const format = sniffFormat(bytes.subarray(0, 64));
      expect(format && name.endsWith(`.${EXTENSIONS[format]}`), name).toBe(true);
    }
  });

  it('does not know a changed signature', () => {
    for (const [name, bytes] of Object.entries(samples)) {
      if (name.endsWith('.avif')) continue;
      const changed = bytes.slice();
      changed[1]! ^= 0x20;
      expect(sniffFormat(changed), name).toBeUndefined();
    }
  });

  it('reads the brands of ftyp, the compatible ones too, and no further than the box', () => {
    const ftyp = (text: string) => box('ftyp', latin1(text));
    expect(sniffFormat(ftyp('avif\0\0\0\0'))).toBe('avif');
    expect(sniffFormat(ftyp('avis\0\0\0\0'))).toBe('avif');
    expect(sniffFormat(ftyp('mif1\0\0\0\0mif1miafavif'))).toBe('avif');
    expect(sniffFormat(ftyp('mif1\0\0\0\0mif1heic'))).toBeUndefined();
    expect(sniffFormat(ftyp('heic\0\0\0\0mif1heic'))).toBeUndefined();
    expect(sniffFormat(concat(ftyp('isom\0\0\0\0mp42'), latin1('avifavif')))).toBeUndefined();
  });

  it('does not take a text for a bitmap, nor a sound for a picture', () => {
    expect(sniffFormat(latin1('BM is what this text begins with'))).toBeUndefined();
    expect(sniffFormat(latin1('RIFF\x24\0\0\0WAVEfmt '))).toBeUndefined();
    expect(sniffFormat(new Uint8Array())).toBeUndefined();
  });

  it('has a type and an extension for every format', () => {
    expect(Object.keys(MIME_TYPES)).toEqual(Object.keys(EXTENSIONS));
    expect(MIME_TYPES.jpeg).toBe('image/jpeg');
    expect(EXTENSIONS.jpeg).toBe('jpg');
  });
});
