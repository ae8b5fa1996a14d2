// Alpha before the colour conversion: a strip's pixels in front of the background, in place, by the arithmetic of
// the kernel `pixels`. Most images are opaque, and their rows are only looked at.
#ifndef JPEG_FLATTEN_H
#define JPEG_FLATTEN_H

#include "common/alpha8.h"
#include "jpeg.h"

// n pixels in place.
typedef void (*flatten_op)(u8 *pixels, u32 n);

// Red, green, blue, as the host wants them.
static u8 background[3] = {255, 255, 255};
// The same as the bytes of a pixel.
static u8 background_pixel[4];

static void flatten_prepare(u32 format) {
  u32 red = format == BGRA8 ? 2 : format == ARGB8, green = format == ARGB8 ? 2 : 1, blue = format == BGRA8 ? 0 : green + 1;
  fill_bytes(background_pixel, 255, sizeof background_pixel);
  background_pixel[red] = background[0];
  background_pixel[green] = background[1];
  background_pixel[blue] = background[2];
}

// What is not opaque is out of line: rows that are only looked at need little code.
#define FLATTEN(name, alpha)                                                   \
  NOINLINE void flatten_##name##_scalar(u8 *pixels, u32 n) {                   \
    alpha8_flatten_scalar(pixels, pixels, n, alpha, background_pixel);         \
  }                                                                            \
  NOINLINE void mix_##name##_simd(u8 *pixels, u32 n) {                         \
    alpha8_flatten_simd(pixels, pixels, n, alpha, background_pixel);           \
  }                                                                            \
  NOINLINE void flatten_##name##_simd(u8 *pixels, u32 n) {                     \
    if (!alpha8_opaque_simd(pixels, n, alpha)) mix_##name##_simd(pixels, n);   \
  }
FLATTEN(rgba8, 3)
FLATTEN(argb8, 0)

// [alpha in front][scalar]
static const flatten_op flatten[2][2] = {{flatten_rgba8_simd, flatten_rgba8_scalar},
                                         {flatten_argb8_simd, flatten_argb8_scalar}};

#endif
