/**
 * The kernels under `wasm/`, for the scripts that build and test them. `sources`, `tests` and `fuzz`, a target
 * for libFuzzer, are relative to `wasm/`; headers beside the sources and in `wasm/common/` are found by themselves.
 *
 * @type {Record<string, { sources: string[], tests: string[], fuzz?: string, maxBytes: number, maxPages: number, flags?: string[] }>}
 */
export const KERNELS = {
  pixels: {
    sources: ['pixels/pixels.c'],
    tests: ['pixels/pixels_test.c'],
    /** The module may not grow past this. */
    maxBytes: 20 * 1024,
    /** Memory in pages of 64 kB: fixed, as strips have a fixed size. */
    maxPages: 3,
    // The SIMD routines are written by hand; vectorising the scalar ones beside them doubles the module for
    // nothing.
    flags: ['-fno-vectorize', '-fno-slp-vectorize', '-fno-unroll-loops'],
  },
  jpeg: {
    sources: ['jpeg/jpeg.c'],
    tests: ['jpeg/jpeg_test.c'],
    fuzz: 'jpeg/jpeg_fuzz.c',
    maxBytes: 40 * 1024,
    /** Grows with what is kept of the image; the host sets a limit to each. */
    maxPages: 32768,
    // Loops that are worth unrolling say so; unrolling the others adds 10 kB and gains nothing.
    flags: ['-fno-vectorize', '-fno-slp-vectorize', '-fno-unroll-loops'],
  },
  png: {
    sources: ['png/png.c'],
    tests: ['png/png_test.c', 'png/deflate_test.c', 'png/smallest_test.c'],
    fuzz: 'png/png_fuzz.c',
    maxBytes: 60 * 1024,
    /** Grows with the rows, and with an image that is interlaced; the host sets a limit to each. */
    maxPages: 32768,
    // As fast as by -O3, and 3 % smaller.
    flags: ['-O2', '-fno-vectorize', '-fno-slp-vectorize', '-fno-unroll-loops'],
  },
  vp8l: {
    sources: ['webp/lossless/vp8l.c'],
    tests: ['webp/lossless/vp8l_test.c'],
    fuzz: 'webp/lossless/vp8l_fuzz.c',
    maxBytes: 60 * 1024,
    /** Grows with the image, which it keeps; the host sets a limit to each. */
    maxPages: 32768,
    // A tenth of the module more takes 2 % off the time.
    flags: ['-O2', '-fno-vectorize', '-fno-slp-vectorize', '-fno-unroll-loops'],
  },
  vp8: {
    sources: ['webp/lossy/vp8.c'],
    tests: ['webp/lossy/vp8_test.c'],
    fuzz: 'webp/lossy/vp8_fuzz.c',
    maxBytes: 60 * 1024,
    /** Grows with the samples and what is kept of the image; the host sets a limit to each. */
    maxPages: 32768,
    flags: ['-fno-vectorize', '-fno-slp-vectorize', '-fno-unroll-loops'],
  },
};
