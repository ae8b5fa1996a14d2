// The kernel `pixels`: conversion between pixel formats. See README.md beside this file for what each
// conversion computes.
#ifndef PIXELS_H
#define PIXELS_H

#include "common/kernel.h"
#include "common/pixel_format.h"

struct pixel_layout {
  u8 bits;      // a pixel
  u8 depth;     // bits a sample while it is worked on: 8 or 16
  u8 channels;  // samples a pixel as stored
  bool alpha;   // has alpha to preserve or to flatten; a palette has
  bool gray;
};

static const struct pixel_layout layouts[PIXEL_FORMATS] = {
    [GRAY8] = {8, 8, 1, false, true},     [GRAYA8] = {16, 8, 2, true, true},
    [RGB8] = {24, 8, 3, false, false},    [RGBA8] = {32, 8, 4, true, false},
    [BGR8] = {24, 8, 3, false, false},    [BGRA8] = {32, 8, 4, true, false},
    [ARGB8] = {32, 8, 4, true, false},    [RGBX8] = {32, 8, 4, false, false},
    [BGRX8] = {32, 8, 4, false, false},   [GRAY16] = {16, 16, 1, false, true},
    [GRAYA16] = {32, 16, 2, true, true},  [RGB16] = {48, 16, 3, false, false},
    [RGBA16] = {64, 16, 4, true, false},  [GRAY1] = {1, 8, 1, false, true},
    [INDEXED8] = {8, 8, 1, true, false},
};

// How a conversion is asked for.
enum pixels_flag {
  SOURCE_PREMULTIPLIED = 1,
  TARGET_PREMULTIPLIED = 2,
  SCALAR = 4,  // the routines that define the result, for tests and measurements
};

// One step over n pixels or samples. Where it has a SIMD twin, that one handles as many as fill its vectors
// and leaves the rest to the scalar one: nothing is read or written beyond n.
typedef void (*pixel_op)(u8 *to, const u8 *from, u32 n);

// What the steps of the conversion at hand look up.
struct pixels_state {
  u8 palette[256 * 4];       // RGBA, as the host wrote it
  u8 table[256 * 8];         // the palette as RGBA8 or RGBA16, alpha already dealt with
  u8 background8[4];         // R, G, B, 255
  u16 background16[4];       // R, G, B, 65535
};
static struct pixels_state state;

#endif
