// What every runtime must do alike. Web-standard APIs only; the hash of each case is compared with that of the other runtimes.
import { PIXEL_FORMATS, picture } from './pictures.mjs';

async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

const bytesOf = (data) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength);

/** Longest JSON that stands readable behind its hash. */
const READABLE = 400;

/** One hash for whatever a case gives: bytes, an image, or anything that JSON can say, which a person can read as well. */
async function fingerprint(result) {
  if (ArrayBuffer.isView(result)) return sha256(bytesOf(result).slice());
  if (ArrayBuffer.isView(result?.data)) {
    const { data, ...rest } = result;
    return sha256(new TextEncoder().encode(JSON.stringify([rest, await sha256(bytesOf(data).slice())])));
  }
  const json = JSON.stringify(result);
  const hash = await sha256(new TextEncoder().encode(json));
  return json.length > READABLE ? hash : `${hash} ${json}`;
}

/** How a call fails. A failure inside a codec may word its reason as the engine does. */
async function failure(call, { worded = true } = {}) {
  try {
    await call();
  } catch ({ name, code, format, message }) {
    return worded ? { name, code, format, message } : { name, code, format };
  }
  throw new Error('no error was thrown');
}

function concat(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

const bigEndian = (value) => [value >>> 24, value >>> 16, value >>> 8, value];

/** CRC-32 (PNG, annex D), bit by bit. */
function crc32(bytes) {
  let crc = ~0;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc;
}

/** A TIFF header and one entry: the orientation (EXIF 2.32, tag 0x0112). */
const exif = (orientation) =>
  Uint8Array.of(
    0x4d,
    0x4d,
    0,
    42,
    0,
    0,
    0,
    8,
    0,
    1,
    0x01,
    0x12,
    0,
    3,
    0,
    0,
    0,
    1,
    0,
    orientation,
    0,
    0,
    0,
    0,
    0,
    0,
  );

function orientedPng(png, orientation) {
  const body = concat(new TextEncoder().encode('eXIf'), exif(orientation));
  const chunk = concat(bigEndian(body.length - 4), body, bigEndian(crc32(body)));
  return concat(png.subarray(0, 33), chunk, png.subarray(33));
}

function orientedJpeg(jpeg, orientation) {
  const body = concat(new TextEncoder().encode('Exif'), [0, 0], exif(orientation));
  return concat(jpeg.subarray(0, 2), [0xff, 0xe1, 0, body.length + 2], body, jpeg.subarray(2));
}

/** The same pixels with `padding` bytes behind each row, at an odd place in a larger buffer. */
function strided(image, bytesPerPixel, padding) {
  const { data, width, height } = image;
  const row = width * bytesPerPixel;
  const strideBytes = row + padding;
  const buffer = new Uint8Array(strideBytes * height + 64).fill(0xee);
  for (let y = 0; y < height; y++) buffer.set(data.subarray(y * row, (y + 1) * row), 13 + y * strideBytes);
  return { ...image, data: buffer.subarray(13, 13 + strideBytes * height - padding), strideBytes };
}

/** What comes out of a stream whose rows go in by chunks of `chunk` bytes. */
async function streamed(stream, rows, chunk) {
  const writer = stream.writable.getWriter();
  const writing = (async () => {
    for (let at = 0; at < rows.length; at += chunk) await writer.write(rows.slice(at, at + chunk));
    await writer.close();
  })();
  // It is waited for below; until then its failure is not unhandled.
  writing.catch(() => {});
  const reader = stream.readable.getReader();
  const parts = [];
  for (let read = await reader.read(); !read.done; read = await reader.read()) parts.push(read.value);
  await writing;
  return concat(...parts);
}

const SIZES = [
  [1, 1],
  [1, 61],
  [97, 1],
  [17, 9],
  [64, 48],
];

const OPTIONS = {
  png: [
    {},
    { effort: 'fast' },
    { effort: 'smallest' },
    { bitDepth: 16 },
    { reduce: false },
    { interlaced: true },
    { level: 0 },
    { level: 9, filter: 'paeth' },
  ],
  jpeg: [
    {},
    { quality: 1 },
    { quality: 50, chromaSubsampling: '4:4:4' },
    { quality: 100 },
    { effort: 'fast' },
    { effort: 'smallest' },
    { progressive: true },
    { chromaSubsampling: '4:2:2', restartInterval: 1 },
    { quantTables: [Array.from({ length: 64 }, (_, i) => i + 1), new Uint8Array(64).fill(40)] },
    { background: [10, 200, 30] },
  ],
  webp: [
    {},
    { quality: 0 },
    { quality: 100 },
    { effort: 'fast' },
    { effort: 'smallest' },
    { method: 2, quality: 33.5 },
    { alphaQuality: 20 },
    { sharpYuv: true },
    { exact: true },
    { targetSize: 900 },
    { lossless: true },
    { lossless: true, effort: 'fast' },
    { lossless: true, effort: 'smallest' },
    { lossless: true, exact: true },
    { nearLossless: 40 },
  ],
};

/** Whether a file gives the very pixels back. */
const exact = {
  png: () => true,
  jpeg: () => false,
  webp: (options) => !!options.lossless && !!options.exact,
};

/**
 * Runs every case.
 *
 * @param {typeof import('pixbytes')} pixbytes
 * @param {Record<string, string>} results gets a hash for each case; where one fails, how
 */
export async function runCases(pixbytes, results = {}) {
  const { encode, decode, transcode, probe, EncoderStream } = pixbytes;
  const add = async (name, run) => {
    if (name in results) throw new Error(`two cases have the name ${name}`);
    try {
      results[name] = await fingerprint(await run());
    } catch (error) {
      results[name] = `threw ${error?.name} ${error?.code ?? ''}: ${error?.message}`;
    }
  };

  /** The file and, as a case of its own, what it decodes to; and where the format is exact, that these are the pixels given. */
  const roundTrip = async (name, format, source, options) => {
    let file;
    await add(name, async () => {
      file = await encode(source, format, options);
      return file;
    });
    await add(`${name}: decoded`, async () => {
      const deep = format === 'png' && probe(file).bitDepth === 16;
      const pixelFormat = deep ? 'rgba16' : 'rgba8';
      const image = await decode(file, { pixelFormat });
      if (exact[format](options)) {
        const wanted = await encode(source, 'raw', { pixelFormat });
        const same = bytesOf(image.data).every((byte, i) => byte === wanted[i]);
        if (!same || wanted.length !== image.data.byteLength)
          throw new Error('not the pixels that were encoded');
      }
      return image;
    });
    return file;
  };

  // First, so that every codec is loaded by several calls at once.
  await add('cold: many calls at once', async () => {
    const small = picture('rgba8', 16, 16);
    const formats = ['png', 'jpeg', 'webp', 'raw', 'png', 'jpeg', 'webp', 'raw'];
    const files = await Promise.all(formats.map((format) => encode(small, format)));
    const images = await Promise.all(files.filter((_, i) => i % 4 !== 3).map((file) => decode(file)));
    return concat(...files, ...images.map(({ data }) => data));
  });

  const colour = picture('rgba8', 61, 43);
  for (const [format, list] of Object.entries(OPTIONS)) {
    for (const options of list) {
      await roundTrip(`${format} ${JSON.stringify(options)}`, format, colour, options);
    }
    for (const [width, height] of SIZES) {
      await roundTrip(`${format} ${width}x${height}`, format, picture('rgba8', width, height), {});
    }
    for (const pixelFormat of PIXEL_FORMATS) {
      await roundTrip(`${format} of ${pixelFormat}`, format, picture(pixelFormat, 37, 23), {});
    }
    // Large enough for the memory to grow and for V8 to change tiers within a call.
    const large = picture('rgba8', 420, 310, { opaque: true });
    await roundTrip(`${format} 420x310`, format, large, { effort: 'fast' });
    await roundTrip(`${format} premultiplied`, format, { ...colour, premultiplied: true }, {});
    await roundTrip(`${format} stride and offset`, format, strided(picture('bgra8', 29, 31), 4, 7), {});
    const shared = new Uint8Array(new (globalThis.SharedArrayBuffer ?? ArrayBuffer)(colour.data.length));
    shared.set(colour.data);
    await roundTrip(`${format} of shared memory`, format, { ...colour, data: shared }, {});
    await roundTrip(
      `${format} of a Float32Array`,
      format,
      { ...colour, data: new Float32Array(shared.slice().buffer) },
      {},
    );
    await roundTrip(`${format} inferred`, format, { data: colour.data, width: 61, height: 43 }, {});
  }

  for (const format of ['png', 'jpeg']) {
    const rows = (options, chunk, image) => {
      const { data, ...layout } = image;
      return streamed(new EncoderStream(format, { ...layout, ...options }), bytesOf(data), chunk);
    };
    for (const [i, all] of OPTIONS[format].entries()) {
      // What a PNG can do without shows only in the whole image.
      const options = format === 'png' ? { ...all, reduce: false } : all;
      await add(`${format} of rows, ${JSON.stringify(all)}`, async () => {
        const file = await rows(options, 100 + 977 * i, colour);
        const whole = await encode(colour, format, options);
        if (file.length !== whole.length || !file.every((byte, at) => byte === whole[at])) {
          throw new Error('other bytes than encode()');
        }
        return file;
      });
    }
    for (const pixelFormat of PIXEL_FORMATS) {
      await add(`${format} of rows of ${pixelFormat}`, () => rows({}, 501, picture(pixelFormat, 37, 23)));
    }
    await add(`error: ${format} of too few rows`, () =>
      failure(() => rows({}, 100, { ...colour, height: 44 })),
    );
    await add(`error: ${format} of too many rows`, () =>
      failure(() => rows({}, 100, { ...colour, height: 42 })),
    );
  }
  await add('error: a stream of no such format', () =>
    failure(async () => new EncoderStream('webp', colour)),
  );
  await add('error: a stream with data', () => failure(async () => new EncoderStream('jpeg', colour)));

  for (const from of PIXEL_FORMATS) {
    const source = picture(from, 45, 11);
    for (const to of PIXEL_FORMATS.filter((name) => name !== 'indexed8')) {
      await add(`raw ${from} to ${to}`, () => encode(source, 'raw', { pixelFormat: to }));
    }
  }
  await add('raw premultiplied', () => encode({ ...colour, premultiplied: true }, 'raw'));
  await add('raw on a background', () =>
    encode(colour, 'raw', { pixelFormat: 'rgb8', background: [1, 2, 3] }),
  );

  const files = {
    png: await encode(colour, 'png'),
    png16: await encode(picture('rgba16', 19, 14), 'png'),
    // Opaque: pixels of eight bytes with all bits set at their end, which as a number are no number.
    opaque16: await encode(picture('rgba16', 19, 14, { opaque: true }), 'png'),
    jpeg: await encode(colour, 'jpeg'),
    webp: await encode(colour, 'webp'),
  };
  for (const [name, file] of Object.entries(files)) {
    await add(`probe ${name}`, () => probe(file));
    for (const pixelFormat of ['gray8', 'rgb8', 'bgra8', 'rgba16', 'gray1']) {
      await add(`decode ${name} as ${pixelFormat}`, () =>
        decode(file, { pixelFormat, background: [9, 8, 7] }),
      );
    }
    for (const format of ['png', 'jpeg', 'webp', 'raw']) {
      await add(`transcode ${name} to ${format}`, () => transcode(file, format));
    }
    if (name === 'webp') continue;
    for (let orientation = 2; orientation <= 8; orientation++) {
      const oriented = (name === 'jpeg' ? orientedJpeg : orientedPng)(file, orientation);
      await add(`orientation ${orientation} ${name}`, () =>
        decode(oriented, { autoOrient: true, pixelFormat: name.endsWith('16') ? 'rgba16' : 'rgba8' }),
      );
    }
  }
  await add('turned twice is unturned', async () => {
    const turned = await transcode(orientedPng(files.opaque16, 6), 'png');
    const back = await decode(orientedPng(turned, 8), { autoOrient: true, pixelFormat: 'rgba16' });
    const plain = await decode(files.opaque16, { pixelFormat: 'rgba16' });
    if (!back.data.every((sample, i) => sample === plain.data[i])) throw new Error('the pixels differ');
    return back;
  });
  await add('the input is untouched', () => colour);

  const wrong = {
    'no source': () => encode(undefined, 'png'),
    'no format': () => encode(colour),
    'unknown format': () => encode(colour, 'tiff'),
    'unknown option': () => encode(colour, 'png', { qualty: 5 }),
    'options of the wrong kind': () => encode(colour, 'jpeg', 80),
    'quality out of range': () => encode(colour, 'jpeg', { quality: 101 }),
    'quality no number': () => encode(colour, 'webp', { quality: Number.NaN }),
    'quality a string': () => encode(colour, 'webp', { quality: '80' }),
    'short data': () => encode({ ...colour, data: colour.data.subarray(1) }, 'webp'),
    'fractional width': () => encode({ ...colour, width: 7.5 }, 'jpeg'),
    'no height': () => encode({ ...colour, height: 0 }, 'png'),
    'data an array': () => encode({ ...colour, data: [1, 2, 3] }, 'png'),
    'short stride': () => encode({ ...colour, strideBytes: 100 }, 'png'),
    'no such pixel format': () => encode({ ...colour, pixelFormat: 'cmyk8' }, 'png'),
    'no palette': () => encode({ ...colour, pixelFormat: 'indexed8' }, 'png'),
    'bad background': () => encode(colour, 'jpeg', { background: [1, 2, 300] }),
    'bad signal': () => encode(colour, 'jpeg', { signal: {} }),
    'too many pixels': () => encode(colour, 'png', { limits: { maxPixels: 100 } }),
    'too long a side': () => encode({ data: new Uint8Array(20_000), width: 20_000, height: 1 }, 'webp'),
    'too little memory': () => encode(colour, 'webp', { limits: { maxMemoryBytes: 1000 } }),
    'unknown limit': () => encode(colour, 'png', { limits: { maxBytes: 1000 } }),
    'decode a string': () => decode('GIF89a'),
    'decode of no format': () => decode(new Uint8Array(40)),
    'decode a gif': () => decode(new TextEncoder().encode('GIF89a\0\0\0\0\0\0\0\0\0')),
    'decode past the limit': () => decode(files.png, { limits: { maxSide: 60 } }),
    'decode half a png': () => decode(files.png.subarray(0, files.png.length >> 1)),
    'decode half a webp': () => decode(files.webp.subarray(0, files.webp.length >> 1)),
    'decode to a palette': () => decode(files.png, { pixelFormat: 'indexed8' }),
    'transcode to nothing': () => transcode(files.png, 'gif'),
    'probe of no format': () => probe(new Uint8Array(40)),
    'probe of too little': () => probe(files.png.subarray(0, 12)),
    'base64 of a string': () => pixbytes.toBase64('text'),
    'a file without a name': () => pixbytes.toFile(files.png, ''),
  };
  for (const [name, call] of Object.entries(wrong)) await add(`error: ${name}`, () => failure(call));

  await add('error: aborted', () =>
    failure(() => encode(colour, 'png', { signal: AbortSignal.abort(new RangeError('stop')) })),
  );
  const scratched = (file, from) => file.map((byte, i) => (i > from && i % 5 === 0 ? byte ^ 0x55 : byte));
  for (const format of ['png', 'jpeg', 'webp']) {
    const broken = scratched(files[format], format === 'jpeg' ? 20 : 60);
    await add(`error: broken ${format}`, async () => {
      try {
        return await decode(broken);
      } catch (error) {
        if (!(error instanceof pixbytes.CodecError)) throw error;
        return failure(() => decode(broken), { worded: false });
      }
    });
    await add(`${format} after an error`, async () =>
      concat(await encode(colour, format), (await decode(files[format])).data),
    );
  }

  const { toBase64, toDataURL, toBlob, toFile, toStream } = pixbytes;
  const noise = picture('rgba8', 300, 200).data;
  for (const length of [0, 1, 2, 3, 24_575, 24_577, noise.length]) {
    await add(`base64 of ${length}`, () => toBase64(noise.subarray(0, length)));
  }
  for (const format of ['png', 'jpeg', 'webp']) {
    await add(`data URL of ${format}`, () => toDataURL(files[format]));
    await add(`blob of ${format}`, async () => {
      const { type, size } = toBlob(files[format]);
      return { type, size, data: new Uint8Array(await toBlob(files[format]).arrayBuffer()) };
    });
    await add(`file of ${format}`, async () => {
      const { type, name } = toFile(files[format], 'a picture');
      return { type, name };
    });
  }
  await add('stream', async () => {
    const chunks = [];
    const reader = toStream(noise).getReader();
    for (let read = await reader.read(); !read.done; read = await reader.read()) chunks.push(read.value);
    return concat(...chunks);
  });
  return results;
}

/**
 * The entry points of one codec each: their files must be those of `encode`, their errors its class.
 *
 * @param {typeof import('pixbytes')} pixbytes
 * @param {{ png: object, jpeg: object, webp: object }} entries
 */
export async function runEntryCases(pixbytes, entries) {
  const colour = picture('bgra8', 61, 43);
  const results = {};
  for (const [format, entry] of Object.entries(entries)) {
    const suffix = `${format[0].toUpperCase()}${format.slice(1)}`;
    const [write, read] = [entry[`encode${suffix}`], entry[`decode${suffix}`]];
    try {
      const file = await write(colour);
      const same = await pixbytes.encode(colour, format);
      if (!file.every((byte, i) => byte === same[i])) throw new Error(`other bytes than encode()`);
      const error = await read(new Uint8Array(40)).catch((reason) => reason);
      if (!(error instanceof pixbytes.CodecError) || entry.CodecError !== pixbytes.CodecError) {
        throw new Error('a CodecError of another class');
      }
      results[`pixbytes/${format}`] = await fingerprint(file);
      results[`pixbytes/${format}: decoded`] = await fingerprint(await read(file));
    } catch (error) {
      results[`pixbytes/${format}`] = `threw ${error?.name} ${error?.code ?? ''}: ${error?.message}`;
    }
  }
  return results;
}
