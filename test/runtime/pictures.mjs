// Pixels for the cases, made from integers alone: the same in every engine, without files.

/** Integers of a 32-bit xorshift generator (Marsaglia 2003), each below the bound asked for. */
function seeded(seed) {
  let state = seed | 0 || 1;
  return (below) => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) % below;
  };
}

/** The samples of a pixel, one letter each. */
const LAYOUTS = {
  gray8: 'y',
  graya8: 'ya',
  rgb8: 'rgb',
  rgba8: 'rgba',
  bgr8: 'bgr',
  bgra8: 'bgra',
  argb8: 'argb',
  rgbx8: 'rgbx',
  bgrx8: 'bgrx',
  gray16: 'y',
  graya16: 'ya',
  rgb16: 'rgb',
  rgba16: 'rgba',
};

export const PIXEL_FORMATS = [...Object.keys(LAYOUTS), 'gray1', 'indexed8'];

/** Flat squares, a slope and some noise: something for every branch of an encoder. */
function colourAt(x, y, letter, noise) {
  const shift = letter.charCodeAt(0) * 50;
  if (((x >> 3) + (y >> 3)) % 3 === 0) return shift & 255;
  return (x * 3 + y * 2 + shift + noise(24)) & 255;
}

/** Transparent in some places, opaque in most, in between elsewhere. */
function alphaAt(x, y, noise) {
  const kind = ((x >> 2) + (y >> 2)) % 4;
  return kind === 0 ? 0 : kind === 1 ? noise(256) : 255;
}

/** A `RawImage` of any pixel format, as `encode` takes it. */
export function picture(pixelFormat, width, height, { opaque = false, seed = width * 65_537 + height } = {}) {
  const noise = seeded(seed);
  if (pixelFormat === 'gray1') {
    const data = Uint8Array.from({ length: Math.ceil(width / 8) * height }, () => noise(256));
    return { data, width, height, pixelFormat };
  }
  if (pixelFormat === 'indexed8') {
    const data = Uint8Array.from({ length: width * height }, (_, i) => ((i >> 6) + noise(5)) % 200);
    const palette = Array.from({ length: 200 }, (_, i) => {
      const colour = [noise(256), noise(256), noise(256)];
      return i % 7 === 3 && !opaque ? [...colour, noise(256)] : colour;
    });
    return { data, width, height, pixelFormat, palette };
  }
  const letters = [...LAYOUTS[pixelFormat]];
  const wide = pixelFormat.endsWith('16');
  const data = new (wide ? Uint16Array : Uint8Array)(width * height * letters.length);
  for (let y = 0, at = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const alpha = opaque ? 255 : alphaAt(x, y, noise);
      for (const letter of letters) {
        const value = letter === 'a' ? alpha : colourAt(x, y, letter, noise);
        // Low bytes unlike the high ones, but for 0 and 65,535, so that opaque stays opaque.
        data[at++] = wide ? value * 257 - (value > 0 && value < 255 ? noise(200) : 0) : value;
      }
    }
  }
  return { data, width, height, pixelFormat };
}
