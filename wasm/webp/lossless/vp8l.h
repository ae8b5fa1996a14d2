// The kernel `vp8l`: an encoder of WebP's lossless bitstream, and of the alpha planes that lossy files carry. See README.md
// beside this file for the way from pixels to bits. Sections named are those of the WebP lossless bitstream specification.
#ifndef VP8L_H
#define VP8L_H

// The alphabet of green: literals, lengths, and the colour cache at its largest.
enum { LENGTHS = 24, MOST_CACHE_BITS = 10, GREENS = 256 + LENGTHS + (1 << MOST_CACHE_BITS), DISTANCES = 40 };
#define MOST_SYMBOLS (256 + LENGTHS + (1 << 10))

#include "common/encoder_wish.h"
#include "common/kernel.h"
#include "common/pixel_format.h"

enum vp8l_flag {
  EXACT = 1,   // colours under alpha 0 are kept
  ALPHA = 2,   // of the pixels only their alpha is coded, without a header: the payload of an ALPH chunk
  SCALAR = 4,  // the routines that define the SIMD ones, for tests
};
// With ALPHA, above the flags: how many levels it may have, 2 to 255. 0: all.
enum { LEVELS_AT = 8 };

enum vp8l_effort { FAST = 0, BALANCED = 1, SMALLEST = 2 };

// Section 3: 14 bits each; the container allows one less.
enum { MAX_SIDE = 16383 };

// A pixel, in host order: 0xaarrggbb. In memory its bytes are blue, green, red, alpha.
typedef u32 argb;

enum { BLUE_AT = 0, GREEN_AT = 8, RED_AT = 16, ALPHA_AT = 24 };

#define BLACK 0xff000000u

INLINE u32 channel(argb pixel, u32 at) { return pixel >> at & 255; }

// a + b and a - b of each channel.
INLINE argb argb_add(argb a, argb b) {
  u32 odd = (a & 0xff00ff00) + (b & 0xff00ff00), even = (a & 0x00ff00ff) + (b & 0x00ff00ff);
  return (odd & 0xff00ff00) | (even & 0x00ff00ff);
}
INLINE argb argb_sub(argb a, argb b) {
  u32 odd = 0x00ff00ff + (a & 0xff00ff00) - (b & 0xff00ff00), even = 0xff00ff00 + (a & 0x00ff00ff) - (b & 0x00ff00ff);
  return (odd & 0xff00ff00) | (even & 0x00ff00ff);
}

// How far from 0 each channel is, of a residual.
static argb argb_size(argb residual) {
  argb size = 0;
  for (u32 at = 0; at < 32; at += 8) {
    u32 c = channel(residual, at);
    size |= (c < 128 ? c : 256 - c) << at;
  }
  return size;
}
NOINLINE argb argb_max(argb a, argb b) {
  argb most = 0;
  for (u32 at = 0; at < 32; at += 8) most |= (channel(a, at) > channel(b, at) ? channel(a, at) : channel(b, at)) << at;
  return most;
}

// Whether four pixels are all this one, and whether they are those of another place.
INLINE bool four_are(const argb *at, argb pixel) {
  u64 both = (u64)pixel << 32 | pixel;
  return ((load64(at) ^ both) | (load64(at + 2) ^ both)) == 0;
}
INLINE bool four_equal(const argb *a, const argb *b) { return ((load64(a) ^ load64(b)) | (load64(a + 2) ^ load64(b + 2))) == 0; }

INLINE u32 divide_up(u32 n, u32 bits) { return (n + (1u << bits) - 1) >> bits; }

#endif
