import { picture } from '../pictures.mjs';

/**
 * Shows the files as any page would, so that the browser's own decoders judge them.
 *
 * @throws Error where one is not decoded, or not with its size
 */
export async function show({ encode, toObjectURL, toDataURL }, place) {
  const source = picture('rgba8', 96, 64);
  const files = {
    'png, URL of a blob': toObjectURL(await encode(source, 'png')).url,
    'jpeg, data URL': toDataURL(await encode(source, 'jpeg', { quality: 90 })),
    'webp, URL of a blob': toObjectURL(await encode(source, 'webp')).url,
    'lossless webp, data URL': toDataURL(await encode(source, 'webp', { lossless: true })),
  };
  for (const [title, src] of Object.entries(files)) {
    const img = Object.assign(new Image(), { src, title });
    await img.decode();
    if (img.naturalWidth !== 96 || img.naturalHeight !== 64) {
      throw new Error(`${title}: shown as ${img.naturalWidth}x${img.naturalHeight}`);
    }
    place.append(img);
  }
}
