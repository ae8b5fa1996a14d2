import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import sharp from 'sharp';
import { beforeAll, describe, expect, it } from 'vitest';
import { CodecError } from '../src/errors.js';
import { type ImageInfo, probe } from '../src/probe.js';
import { box, concat, latin1, makeSamples, PNG_SIGNATURE, webp } from './container/samples.js';

const CORPUS = '../shared/corpus/';
const hasCorpus = existsSync(CORPUS);

/** The error of a call that has to fail with a CodecError. */
function failure(bytes: Uint8Array): CodecError {
  try {
    probe(bytes);
  } catch (error) {
    if (error instanceof CodecError) return error;
    throw error;
  }
  throw new Error('probe did not fail');
}

/** Either a result that makes sense or a CodecError that does. */
function check(bytes: Uint8Array): ImageInfo | CodecError {
  try {
    const info = probe(bytes);
    expect(info.width).toBeGreaterThan(0);
    expect(info.height).toBeGreaterThan(0);
    expect(Number.isSafeInteger(info.width) && Number.isSafeInteger(info.height)).toBe(true);
    if (info.orientation !== undefined) expect([1, 2, 3, 4, 5, 6, 7, 8]).toContain(info.orientation);
    return info;
  } catch (error) {
    if (!(error instanceof CodecError)) throw error;
    expect(['UNKNOWN_FORMAT', 'TRUNCATED_INPUT', 'CORRUPT_INPUT', 'UNSUPPORTED_FEATURE']).toContain(
      error.code,
    );
    expect(error.format === undefined).toBe(error.code === 'UNKNOWN_FORMAT');
    return error;
  }
}

let samples: Record<string, Uint8Array>;
beforeAll(async () => {
  samples = await makeSamples();
});

describe('arguments', () => {
  it.each([undefined, null, 'x', 5, [1, 2], {}])('refuses %j with a TypeError', (value) => {
    expect(() => probe(value as unknown as Uint8Array)).toThrow(TypeError);
    expect(() => probe(value as unknown as Uint8Array)).toThrow(/^Expected .* for bytes but received /);
  });

  it('takes every kind of buffer, and honours the offset of a view', () => {
    const file = samples['rgb.png']!;
    const padded = concat([1, 2, 3, 4], file, [0, 0, 0, 0]).slice(0, (file.length + 8) & ~3);
    const shared = new SharedArrayBuffer(file.length);
    new Uint8Array(shared).set(file);
    const expected = { format: 'png', mimeType: 'image/png', width: 20, height: 12 };
    expect(probe(file.slice().buffer)).toMatchObject(expected);
    expect(probe(shared)).toMatchObject(expected);
    expect(probe(new DataView(padded.buffer, 4))).toMatchObject(expected);
    expect(probe(new Uint32Array(padded.buffer, 4))).toMatchObject(expected);
    expect(probe(Buffer.from(file))).toMatchObject(expected);
  });
});

describe('samples', () => {
  it('all have the size they were made with', () => {
    const formats = { jpg: 'jpeg' } as Record<string, string>;
    for (const [name, bytes] of Object.entries(samples)) {
      const extension = name.split('.')[1]!;
      const format = formats[extension] ?? extension;
      expect({ name, ...probe(bytes) }).toMatchObject({
        name,
        format,
        mimeType: `image/${format}`,
        width: 20,
        height: 12,
      });
    }
  });

  it('have the traits that sharp tells of them', async () => {
    for (const [name, bytes] of Object.entries(samples)) {
      if (!/\.(png|jpg|webp)$/.test(name)) continue;
      const info = probe(bytes);
      const judge = await sharp(bytes, { animated: true }).metadata();
      expect({ name, ...info }).toMatchObject({
        name,
        channels: judge.channels,
        hasAlpha: judge.hasAlpha,
        hasIcc: judge.icc !== undefined,
        hasXmp: judge.xmp !== undefined,
        frameCount: judge.pages ?? 1,
      });
      if (info.format !== 'png') {
        // This judge does not read eXIf.
        expect({ name, exif: info.hasExif }).toEqual({ name, exif: judge.exif !== undefined });
        expect({ name, orientation: info.orientation }).toEqual({ name, orientation: judge.orientation });
      }
    }
    expect(probe(samples['baseline.jpg']!)).toMatchObject({ orientation: 6, hasExif: true, hasIcc: true });
    expect(probe(samples['metadata.webp']!)).toMatchObject({ orientation: 8, hasExif: true, hasIcc: true });
    expect(probe(samples['cmyk.jpg']!).channels).toBe(4);
  });

  it('tell animations', () => {
    expect(probe(samples['animated.webp']!)).toMatchObject({ animated: true, frameCount: 3 });
    expect(probe(samples['animated.gif']!)).toMatchObject({ animated: true, frameCount: 3 });
    expect(probe(samples['still.gif']!)).toMatchObject({ animated: false, frameCount: 1 });
    expect(probe(samples['still.avif']!).animated).toBe(false);
  });

  it('say at every length of a prefix the same, or that it is not known', () => {
    for (const [name, bytes] of Object.entries(samples)) {
      const whole = probe(bytes) as unknown as Record<string, unknown>;
      let known = false;
      for (let length = 0; length < bytes.length; length++) {
        const result = check(bytes.subarray(0, length));
        if (result instanceof CodecError) {
          expect({ name, length, known }).toEqual({ name, length, known: false });
          expect({ name, length, code: result.code }).toEqual({
            name,
            length,
            code: result.format ? 'TRUNCATED_INPUT' : 'UNKNOWN_FORMAT',
          });
        } else {
          known = true;
          for (const [key, value] of Object.entries(result)) {
            if (value !== undefined)
              expect({ name, length, key, value }).toEqual({ name, length, key, value: whole[key] });
          }
        }
      }
      // All but BMP, where the header is nearly all there is, are known well ahead of their end.
      expect({ name, known }).toEqual({ name, known: true });
    }
  });
});

describe('hostile bytes', () => {
  it('that are random make an error or a result', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), (bytes) => {
        check(bytes);
      }),
      { numRuns: 2000 },
    );
  });

  it('behind each signature make an error or a result', () => {
    const heads = [
      '\x89PNG\r\n\x1a\n\0\0\0\rIHDR',
      '\xff\xd8\xff',
      '\xff\xd8\xff\xe1\0\x40Exif\0\0II*\0',
      'RIFF\x80\0\0\0WEBPVP8X',
      'RIFF\x80\0\0\0WEBPVP8 ',
      'RIFF\x80\0\0\0WEBPVP8L',
      'GIF89a',
      'BM\0\0\0\0\0\0\0\0\0\0\0\0\x28\0\0\0',
      '\0\0\0\x10ftypavif\0\0\0\0',
      '\0\0\0\x10ftypavif\0\0\0\0\0\0\x01\0meta\0\0\0\0\0\0\0\xe0iprp\0\0\0\x80ipco',
      '\xff\x0a',
      '\0\0\0\x0cJXL \r\n\x87\n',
    ];
    fc.assert(
      fc.property(fc.constantFrom(...heads), fc.uint8Array({ maxLength: 300 }), (head, tail) => {
        check(concat(latin1(head), tail));
      }),
      { numRuns: 4000 },
    );
  });

  it('of a sample with some bytes changed make an error or a result', () => {
    const files = Object.values(samples);
    fc.assert(
      fc.property(
        fc.nat(files.length - 1),
        fc.array(fc.tuple(fc.nat(600), fc.constantFrom(0, 1, 0x7f, 0x80, 0xff, 0x2c, 0x49)), {
          minLength: 1,
          maxLength: 6,
        }),
        (file, changes) => {
          const bytes = files[file]!.slice();
          for (const [at, value] of changes) bytes[at % bytes.length] = value;
          check(bytes);
        },
      ),
      { numRuns: 4000 },
    );
  });

  it('that name a hundred thousand properties do not hold up the caller', () => {
    const head = box('ftyp', latin1('avif\0\0\0\0'));
    const properties = new Uint8Array(800_000);
    for (let at = 0; at < properties.length; at += 8) properties.set([0, 0, 0, 8, ...latin1('free')], at);
    const names = new Uint8Array(8 + 258 * 1000).fill(0x81);
    names.fill(0, 0, 8);
    for (let at = 8; at < names.length; at += 258) names.set([0, 1, 255], at);
    const pitm = box('pitm', [0, 0, 0, 0, 0, 1]);
    const bytes = concat(
      head,
      box('meta', [0, 0, 0, 0], pitm, box('iprp', box('ipco', properties), box('ipma', names))),
    );
    const before = performance.now();
    expect(failure(bytes).code).toBe('CORRUPT_INPUT');
    expect(performance.now() - before).toBeLessThan(2_000);
  });

  it('of nothing but empty parts do not hold up the caller', () => {
    const fill = (head: Uint8Array, part: readonly number[]) => {
      const bytes = new Uint8Array(20_000_000);
      bytes.set(head);
      for (let at = head.length; at + part.length <= bytes.length; at += part.length) bytes.set(part, at);
      return bytes;
    };
    const png = samples['rgb.png']!.subarray(0, 33);
    const extended = webp(latin1('VP8X\x0a\0\0\0\0\0\0\0\x10\0\0\x10\0\0'));
    extended.set([0xff, 0xff, 0xff, 0x7f], 4);
    for (const bytes of [
      fill(png, [0, 0, 0, 0, ...latin1('tEXt'), 0, 0, 0, 0]),
      fill(extended, [...latin1('ABCD'), 0, 0, 0, 0]),
      fill(Uint8Array.of(0xff, 0xd8, 0xff), [0xd0, 0xff]),
      fill(Uint8Array.of(0xff, 0xd8), [0xff, 0]),
      fill(latin1('GIF89a\x01\0\x01\0\0\0\0'), [0x21, 0, 0]),
      fill(latin1('\0\0\0\x10ftypavif\0\0\0\0'), [0, 0, 0, 8, ...latin1('free')]),
      fill(latin1('\0\0\0\x0cJXL \r\n\x87\n'), [0, 0, 0, 8, ...latin1('free')]),
    ]) {
      const before = performance.now();
      check(bytes);
      expect(performance.now() - before).toBeLessThan(2_000);
    }
    const boxes = fill(latin1('\0\0\0\x10ftypavif\0\0\0\0'), [0, 0, 0, 8, ...latin1('free')]);
    expect(failure(boxes)).toMatchObject({
      code: 'CORRUPT_INPUT',
      message: expect.stringContaining('too many parts'),
    });
  });
});

describe('errors', () => {
  it.each([
    ['nothing', '', 'UNKNOWN_FORMAT'],
    ['text', 'BMW builds cars', 'UNKNOWN_FORMAT'],
    ['half a signature', '\x89PNG', 'UNKNOWN_FORMAT'],
    ['HEIC', '\0\0\0\x18ftypheic\0\0\0\0mif1heic', 'UNKNOWN_FORMAT'],
    ['a PNG signature', '\x89PNG\r\n\x1a\n', 'TRUNCATED_INPUT'],
    ['a JPEG without segments', '\xff\xd8\xff\xd9', 'CORRUPT_INPUT'],
    ['a JPEG without height', '\xff\xd8\xff\xc0\0\x0b\x08\0\0\0\x10\x01\x01\x11\0', 'UNSUPPORTED_FEATURE'],
    ['a JPEG without width', '\xff\xd8\xff\xc0\0\x0b\x08\0\x10\0\0\x01\x01\x11\0', 'CORRUPT_INPUT'],
    ['a GIF without width', 'GIF89a\0\0\x01\0', 'CORRUPT_INPUT'],
    ['a WebP of another chunk', 'RIFF\x10\0\0\0WEBPABCD\x04\0\0\0abcd', 'CORRUPT_INPUT'],
    ['an AVIF without boxes', '\0\0\0\x10ftypavif\0\0\0\0', 'TRUNCATED_INPUT'],
    ['JPEG XL without a size', '\xff\x0a', 'TRUNCATED_INPUT'],
  ])('%s', (_, text, code) => {
    expect(failure(latin1(text)).code).toBe(code);
  });

  it('names the format', () => {
    expect(failure(PNG_SIGNATURE)).toMatchObject({
      format: 'png',
      message: 'The png file ends before byte 12',
    });
  });
});

describe.skipIf(!hasCorpus)('corpus (skipped where ../shared/corpus does not exist)', () => {
  const rows = hasCorpus
    ? readFileSync(`${CORPUS}INDEX.tsv`, 'utf8')
        .trim()
        .split('\n')
        .slice(1)
        .map((line) => line.split('\t') as [string, ...string[]])
    : [];
  const read = (path: string) => new Uint8Array(readFileSync(CORPUS + path));

  it('agrees on the size, the transparency and the depth of every file that has a size', () => {
    const differing: string[] = [];
    let compared = 0;
    for (const [path, , , , , width, height, mode] of rows) {
      if (!width) continue;
      compared++;
      const bytes = read(path);
      const info = probe(bytes);
      if (info.width !== Number(width) || info.height !== Number(height)) differing.push(`${path}: size`);
      if (info.format === 'jpeg' && mode !== { 1: 'L', 3: 'RGB', 4: 'CMYK' }[info.channels!]) {
        differing.push(`${path}: channels`);
      }
      if (info.format === 'png') {
        // This judge tells a key colour apart from alpha, and calls 16 bits of gray and alpha RGBA.
        if (/A$/.test(mode!) && !info.hasAlpha) differing.push(`${path}: alpha`);
        if (mode === 'I;16' && info.bitDepth !== 16) differing.push(`${path}: bitDepth`);
        if (mode === '1' && info.bitDepth !== 1) differing.push(`${path}: bitDepth`);
        if (mode === 'P' && (info.bitDepth !== 8 || info.channels! < 3)) differing.push(`${path}: palette`);
      }
      if (info.format === 'webp' && info.hasAlpha !== (mode === 'RGBA')) differing.push(`${path}: alpha`);
    }
    expect(compared).toBeGreaterThan(600);
    expect(differing).toEqual([]);
  });

  it('agrees on the number of frames', () => {
    for (const [path, , , kind, , , , , frames] of rows) {
      if (!frames || kind!.startsWith('fuzz')) continue;
      const bytes = read(path);
      const { format, frameCount } = probe(bytes);
      // The judge counts the still image of an animated PNG even where it is not a part of the animation (no fcTL ahead of it).
      const text = Buffer.from(bytes.subarray(0, 4096)).toString('latin1');
      const apart =
        format === 'png' &&
        frameCount! > 0 &&
        text.includes('acTL') &&
        text.indexOf('acTL') < text.indexOf('IDAT')
          ? !text.slice(0, text.indexOf('IDAT')).includes('fcTL')
          : false;
      const counted = apart && Number(frames) > 1 ? Number(frames) - 1 : Number(frames);
      if (frameCount !== undefined) expect(`${path} ${frameCount}`).toBe(`${path} ${counted}`);
    }
  });

  it('agrees with sharp on metadata, channels and orientation', async () => {
    let compared = 0;
    for (const [path, , , kind, expectation] of rows) {
      if (expectation !== 'ok' || kind!.startsWith('fuzz') || !/\.(png|jpe?g|webp)$/.test(path)) continue;
      const bytes = read(path);
      const judge = await sharp(bytes, { animated: true, limitInputPixels: false }).metadata();
      const { channels, hasAlpha, hasIcc, hasXmp, hasExif, orientation, format } = probe(bytes);
      compared++;
      expect({ path, channels, hasAlpha, hasIcc, hasXmp }).toEqual({
        path,
        channels: judge.channels,
        hasAlpha: judge.hasAlpha,
        hasIcc: judge.icc !== undefined,
        hasXmp: judge.xmp !== undefined,
      });
      if (format !== 'png') {
        expect({ path, hasExif, orientation }).toEqual({
          path,
          hasExif: judge.exif !== undefined,
          orientation: judge.orientation,
        });
      }
    }
    expect(compared).toBeGreaterThan(400);
  });

  it('never fails but with a CodecError', () => {
    for (const [path] of rows) check(read(path));
  });

  it('refuses the damaged headers', () => {
    for (const name of [
      'xc1n0g08',
      'xc9n2c08',
      'xcrn0g04',
      'xd0n2c08',
      'xd3n2c08',
      'xd9n2c08',
      'xlfn0g04',
      'xs1n0g01',
    ]) {
      const { code } = failure(read(`pngsuite/${name}.png`));
      expect(['CORRUPT_INPUT', 'UNKNOWN_FORMAT']).toContain(code);
    }
  });
});
