// What is coded: the symbols of the five codes of a group, section 5.2, and how lengths and distances become such.
#ifndef SYMBOLS_H
#define SYMBOLS_H

#include "vp8l.h"

// Where the symbols of each code lie in an array for all of them. Green comes last, as its alphabet depends on the cache.
enum {
  RED = 0,
  BLUE = 256,
  OPACITY = 512,
  DISTANCE = 768,
  GREEN = DISTANCE + DISTANCES,
  LENGTH = GREEN + 256,
  CACHED = LENGTH + LENGTHS,
  SYMBOLS = GREEN + GREENS,
};

// Symbols with a cache of so many colours.
INLINE u32 symbols_of(u32 cache_bits) { return CACHED + (cache_bits > 0 ? 1u << cache_bits : 0); }

// ---- lengths and distances, section 5.2.2 -------------------------------------------------------

enum { MAX_LENGTH = 4095, MAX_DISTANCE = (1 << 20) - 120 };

struct prefixed { u32 symbol, extra_bits, extra; };

// For values from 1 on.
INLINE struct prefixed prefix_of(u32 value) {
  u32 n = value - 1;
  if (n < 4) return (struct prefixed){n, 0, 0};
  u32 top = 31 - (u32)__builtin_clz(n), second = n >> (top - 1) & 1;
  return (struct prefixed){2 * top + second, top - 1, n & ((1u << (top - 1)) - 1)};
}
// Bits behind a symbol.
INLINE u32 extra_bits_of(u32 symbol) { return symbol < 4 ? 0 : (symbol - 2) >> 1; }

// (x to the left, y up) of the neighbours with a code of their own, from code 1 on.
static const signed char near_x[120] = {
    0, 1, 1, -1, 0, 2, 1, -1, 2, -2, 2, -2, 0, 3, 1, -1, 3, -3, 2, -2, 3, -3, 0, 4, 1, -1, 4, -4, 3, -3, 2, -2, 4, -4, 0, 3, -3, 4, -4, 5,
    1, -1, 5, -5, 2, -2, 5, -5, 4, -4, 3, -3, 5, -5, 0, 6, 1, -1, 6, -6, 2, -2, 6, -6, 4, -4, 5, -5, 3, -3, 6, -6, 0, 7, 1, -1, 5, -5, 7, -7,
    4, -4, 6, -6, 2, -2, 7, -7, 3, -3, 7, -7, 5, -5, 6, -6, 8, 4, -4, 7, -7, 8, 8, 6, -6, 8, 5, -5, 7, -7, 8, 6, -6, 7, -7, 8, 7, -7, 8, 8};
static const u8 near_y[120] = {
    1, 0, 1, 1, 2, 0, 2, 2, 1, 1, 2, 2, 3, 0, 3, 3, 1, 1, 3, 3, 2, 2, 4, 0, 4, 4, 1, 1, 3, 3, 4, 4, 2, 2, 5, 4, 4, 3, 3, 0,
    5, 5, 1, 1, 5, 5, 2, 2, 4, 4, 5, 5, 3, 3, 6, 0, 6, 6, 1, 1, 6, 6, 2, 2, 5, 5, 4, 4, 6, 6, 3, 3, 7, 0, 7, 7, 5, 5, 1, 1,
    6, 6, 4, 4, 7, 7, 2, 2, 7, 7, 3, 3, 6, 6, 5, 5, 0, 7, 7, 4, 4, 1, 2, 6, 6, 3, 7, 7, 5, 5, 4, 7, 7, 6, 6, 5, 7, 7, 6, 7};

enum { ABOVE_CODE = 1, LEFT_CODE = 2 };  // the pixel above, and the one before

// [y][8 - x]: codes of the neighbours.
static u8 near_codes[8][16];

static void near_prepare(void) {
  for (u32 i = 0; i < 120; i++) near_codes[near_y[i]][8 - near_x[i]] = (u8)(i + 1);
}

// What is written for a distance in pixels, in an image of that width.
INLINE u32 distance_code(u32 distance, u32 width) {
  u32 y = distance / width, x = distance - y * width;
  if (y < 8 && x <= 8 && near_codes[y][8 - x] > 0) return near_codes[y][8 - x];
  // To the right: one row up more.
  if (y < 7 && width - x < 8 && near_codes[y + 1][8 + width - x] > 0) return near_codes[y + 1][8 + width - x];
  return distance + 120;
}

// ---- tokens -------------------------------------------------------------------------------------

// A literal is 0: its pixel is where it is in the image. A colour of the cache has its index, a copy length and distance code.
enum { TOKEN_CACHED = 1 << 19, LENGTH_AT = 20 };

INLINE u32 copy_token(u32 length, u32 code) { return length << LENGTH_AT | (code - 1); }
INLINE bool is_copy(u32 token) { return token >> LENGTH_AT > 0; }
INLINE bool is_cached(u32 token) { return token >> LENGTH_AT == 0 && token > 0; }
INLINE u32 copy_length(u32 token) { return token >> LENGTH_AT; }
INLINE u32 copy_code(u32 token) { return (token & ((1u << LENGTH_AT) - 1)) + 1; }

// The count of tokens that are more than there is room for.
#define TOO_MANY 0xffffffffu

// ---- the cache of colours, section 5.2.3 --------------------------------------------------------

INLINE u32 cache_slot(argb pixel, u32 bits) { return pixel * 0x1e35a7bdu >> (32 - bits); }

#endif
