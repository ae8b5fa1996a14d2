// What a program may write wherever it runs, and what it may not. Checked against the packed package by `npm run test:package`.
import type { EncodedBytes, EncodeFormat, ImageInfo, ImageSource, ObjectURL } from 'pixbytes';
import {
  CodecError,
  decode,
  EncoderStream,
  encode,
  probe,
  toBase64,
  toBlob,
  toDataURL,
  toFile,
  toObjectURL,
  toStream,
  transcode,
} from 'pixbytes';
import { encode as encodeInline } from 'pixbytes/inline';
import { decodeJpeg, encodeJpeg, type JpegEncodeOptions } from 'pixbytes/jpeg';
import { toTempFile, withTempFile } from 'pixbytes/node';
import { decodePng, encodePng, type PngEncodeOptions, type RawImage } from 'pixbytes/png';
import { type BatchItem, createPool, encodeBatch, type Pool } from 'pixbytes/pool';
import { encodeWebp } from 'pixbytes/webp';

const image: RawImage = { data: new Uint8ClampedArray(16), width: 2, height: 2, pixelFormat: 'rgba8' };
const sources: ImageSource[] = [
  image,
  { data: new Uint16Array(4), width: 2, height: 2 },
  { data: new SharedArrayBuffer(4), width: 2, height: 2, strideBytes: 2 },
];

export async function correct(format: EncodeFormat, signal: AbortSignal): Promise<void> {
  for (const source of sources) {
    const bytes: Uint8Array<ArrayBuffer> = await encode(source, format, { signal });
    const view: EncodedBytes = bytes;
    const info: ImageInfo = probe(view);
    const text: string = toBase64(bytes) + toDataURL(bytes) + info.mimeType;
    const blobs: Blob[] = [toBlob(bytes), toFile(bytes, text)];
    const stream: ReadableStream<Uint8Array> = toStream(bytes);
    const url: ObjectURL = toObjectURL(bytes);
    url[Symbol.dispose]();
    await Promise.all([...blobs.map((blob) => blob.arrayBuffer()), stream.cancel()]);
  }
  using url = toObjectURL(await encodeInline(image, 'webp', { lossless: true, background: [0, 0, 0] }));
  await using file = await toTempFile(await encode(image, 'raw', { pixelFormat: 'bgr8' }), { name: url.url });
  const length: number = await withTempFile(
    await encode(image, 'png'),
    (path) => path.length + file.path.length,
  );
  const { data, width, height } = await decode(new ArrayBuffer(length), { pixelFormat: 'gray16' });
  await encode({ data, width, height }, 'jpeg', { quality: 90, chromaSubsampling: '4:4:4', effort: 'fast' });
  await transcode(await encodePng(image), 'webp', { autoOrient: false, quality: 75 });
  const pool: Pool = createPool({ size: 2, maxQueue: 4, whenFull: 'fail' });
  const pooled: Uint8Array<ArrayBuffer> = await pool.encode(image, format, {
    signal,
    transfer: true,
    timeoutMs: 9,
  });
  await pool.transcode(pooled, 'webp', { autoOrient: false, quality: 75 });
  const { data: samples } = await pool.decode(pooled, { pixelFormat: 'rgb8' });
  const items: BatchItem[] = [{ image, id: samples.length }];
  for await (const { index, bytes, error } of encodeBatch(items, { format, pool, order: 'input', signal })) {
    const written: number = bytes ? bytes.length : String(error).length + index;
    if (pool.stats.busy + written > 0) await pool.close();
  }
  const jpegOptions: JpegEncodeOptions = { progressive: true, limits: { maxPixels: 100 } };
  const pngOptions: PngEncodeOptions = { bitDepth: 8 };
  await encode(await decodeJpeg(await encodeJpeg(image, jpegOptions)), 'png', pngOptions);
  const stream = new EncoderStream('jpeg', { width, height, pixelFormat: 'rgb8', quality: 90, signal });
  const piped: ReadableStream<Uint8Array> = toStream(data).pipeThrough(stream);
  await piped.pipeTo(new EncoderStream('png', { width, height, pixelFormat: 'gray8', level: 3 }).writable);
  await encodeWebp(await decodePng(await encodePng(image, pngOptions)), { method: 6 });
}

export async function wrong(bytes: Uint8Array): Promise<void> {
  // @ts-expect-error: a format whose encoder needs the whole image
  new EncoderStream('webp', { width: 1, height: 1, pixelFormat: 'rgb8' });
  // @ts-expect-error: no pixel format
  new EncoderStream('jpeg', { width: 1, height: 1 });
  // @ts-expect-error: an option of another format
  new EncoderStream('png', { width: 1, height: 1, pixelFormat: 'rgb8', quality: 80 });
  // @ts-expect-error: no image
  await encode('garbage', 'png');
  // @ts-expect-error: no size
  await encode({ data: bytes }, 'png');
  // @ts-expect-error: numbers in an array are no buffer
  await encode({ data: [0, 0, 0, 0], width: 2, height: 2 }, 'png');
  // @ts-expect-error: no pixel format
  await encode({ data: bytes, width: 2, height: 2, pixelFormat: 'rgba32' }, 'png');
  // @ts-expect-error: not a format to write
  await encode(image, 'gif');
  // @ts-expect-error: unknown option
  await encode(image, 'png', { compresion: 9 });
  // @ts-expect-error: wrong value
  await encode(image, 'webp', { effort: 'slow' });
  // @ts-expect-error: wrong kind
  await encode(image, 'jpeg', { quality: '90' });
  // @ts-expect-error: an option of JPEG
  await encode(image, 'png', { quality: 90 });
  // @ts-expect-error: an option of JPEG
  await encodePng(image, { chromaSubsampling: '4:4:4' });
  // @ts-expect-error: an option of WebP
  await transcode(bytes, 'jpeg', { lossless: true });
  // @ts-expect-error: two samples
  await encode(image, 'jpeg', { background: [255, 255] });
  // @ts-expect-error: a path is no file
  await decode('photo.png');
  // @ts-expect-error: a layout with a palette is none to decode to
  await decode(bytes, { pixelFormat: 'indexed8' });
  // @ts-expect-error: text is not encoded
  toBlob('png');
  // @ts-expect-error: unknown code
  if (new CodecError('CODEC_FAILED', '').code === 'FAILED') return;
  // @ts-expect-error: unknown option
  await toTempFile(bytes, { folder: '/tmp' });
}
