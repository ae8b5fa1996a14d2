// The pixels of an image as tokens, their counts, and the bits they become: section 6.2.3.
//
// An image whose pixels are residuals of prediction mostly has runs of the same pixel for copies, if any: they are found
// again whenever they are needed. Of others the tokens are kept.
#ifndef CODED_H
#define CODED_H

#include "codes.h"
#include "common/simd.h"

enum {
  // Shorter runs are literals: mostly of the most frequent pixel, which takes few bits.
  LEAST_RUN = 4,
  SEGMENT = 512,  // pixels in a row that go through the output at once, at most 15 bits a symbol
};
_Static_assert(SEGMENT * 8 <= OUTPUT_ROOM, "a segment fits");

// Where the writing of an image is.
struct place { u32 at, x, y, token; };

struct image {
  const argb *pixels;
  u32 width, count;
  const u32 *tokens;  // NULL: runs
  // Where tokens are not kept: has those that begin in the rest of the row of a place as `tokens`.
  void (*find)(const struct image *image, struct place *place);
  u32 cache_bits;
  bool opaque;  // of runs: all pixels have the same alpha
  // Tiles of 1 << tile_bits pixels a side, each with its group; NULL: one group for all.
  u8 *map;
  u32 tile_bits, tiles_across;
};

// Pixels from `at` on, of those before `end`, that are as the one before.
INLINE u32 run_length(const argb *pixels, u32 at, u32 end) {
  argb last = pixels[at - 1];
  u32 i = at;
  while (i < end && pixels[i] == last) i++;
  return i - at;
}

// Whether a copy of the last pixel begins: told of LEAST_RUN pixels at once, as one more of the same is hard to foretell. Reads up to
// that many behind the last.
INLINE bool run_begins(const argb *at, argb last) { return four_are(at, last); }
_Static_assert(LEAST_RUN == 4, "four pixels");

enum { GLANCE = 16 };

// Whether a run begins at any of GLANCE pixels; reads as many behind them as a run has at least.
INLINE bool run_within(const argb *at) {
  u32 same = 0;
  UNROLL for (u32 i = 0; i < GLANCE + 4; i += 4) {
    same |= u32x4_bitmask((u32x4)u32x4_eq((u32x4)u8x16_load(at + i), (u32x4)u8x16_load(at + i - 1))) << i;
  }
  return (same & same >> 1 & same >> 2 & same >> 3 & 0xffff) != 0;
}

// Its length; less than LEAST_RUN where the image ends, 0 for none.
NOINLINE u32 run_at(const struct image *image, u32 at) {
  u32 run = run_length(image->pixels, at, min_u32(image->count, at + MAX_LENGTH));
  return run >= LEAST_RUN ? run : 0;
}

INLINE u32 token_length(u32 token) { return is_copy(token) ? copy_length(token) : 1; }

// The end of the segment that `x` is in: that of its tile, of the row, or SEGMENT pixels on.
INLINE u32 segment_end(const struct image *image, u32 x) {
  u32 end = image->map ? ((x >> image->tile_bits) + 1) << image->tile_bits : x + SEGMENT;
  return min_u32(min_u32(end, x + SEGMENT), image->width);
}

INLINE u32 tile_of(const struct image *image, u32 x, u32 y) {
  return (y >> image->tile_bits) * image->tiles_across + (x >> image->tile_bits);
}

// Where the symbols of the group of a pixel lie, of which each has as many as `base`.
INLINE size_t group_at(const struct image *image, u32 x, u32 y) {
  return image->map ? (size_t)image->map[tile_of(image, x, y)] * SYMBOLS : 0;
}

// After a token: `x` may be beyond the end of the row.
INLINE void wrap(struct place *place, u32 width) {
  if (place->x < width) return;
  place->y += place->x / width;
  place->x %= width;
}

// The tokens that begin in the rest of the row of a place: SEGMENT_OF(x) before those of each segment, DO(token, pixel) with each of
// them. The place moves on.
#define EACH_TOKEN(image, place, runs, SEGMENT_OF, DO)                                  \
  do {                                                                                  \
    const argb *pixels = (image)->pixels;                                               \
    const u32 *next = (runs) ? NULL : (image)->tokens + (place)->token;                 \
    u32 x = (place)->x, at = (place)->at;                                               \
    argb last = at > 0 ? pixels[at - 1] : ~pixels[0];                                   \
    while (x < (image)->width && at < (image)->count) {                                 \
      u32 end = segment_end(image, x);                                                  \
      SEGMENT_OF(x);                                                                    \
      while (x < end) {                                                                 \
        argb pixel = pixels[at];                                                        \
        u32 token = 0, length = 1;                                                      \
        if (!(runs)) {                                                                  \
          token = *next++;                                                              \
          length = token_length(token);                                                 \
        } else if (run_begins(pixels + at, last)) {                                     \
          u32 run = run_at(image, at);                                                  \
          if (run > 0) token = copy_token(length = run, LEFT_CODE);                     \
        }                                                                               \
        DO(token, pixel);                                                               \
        last = pixel;                                                                   \
        x += length;                                                                    \
        at += length;                                                                   \
      }                                                                                 \
    }                                                                                   \
    if (!(runs)) (place)->token = (u32)(next - (image)->tokens);                        \
    (place)->x = x;                                                                     \
    (place)->at = at;                                                                   \
    wrap(place, (image)->width);                                                        \
  } while (0)

// ---- counting -----------------------------------------------------------------------------------

INLINE void count_token(u32 *counts, u32 token, argb pixel, bool opaque) {
  if (token == 0) {
    counts[GREEN + channel(pixel, GREEN_AT)]++;
    counts[RED + channel(pixel, RED_AT)]++;
    counts[BLUE + channel(pixel, BLUE_AT)]++;
    if (!opaque) counts[OPACITY + channel(pixel, ALPHA_AT)]++;
  } else if (is_copy(token)) {
    counts[LENGTH + prefix_of(copy_length(token)).symbol]++;
    counts[DISTANCE + prefix_of(copy_code(token)).symbol]++;
  } else {
    counts[CACHED + (token & 0xffff)]++;
  }
}

// counts[group * SYMBOLS ...] of the tokens of a row, added to what is there. Opaque: all pixels have the same alpha, which is not counted.
#define OF_GROUP(x) into = counts + group_at(image, x, place->y)
#define COUNT(token, pixel, opaque) count_token(into, token, pixel, opaque)
#define COUNT_ANY(token, pixel) COUNT(token, pixel, false)
#define COUNT_OPAQUE(token, pixel) COUNT(token, pixel, true)
NOINLINE void count_tokens(const struct image *image, u32 *counts, struct place *place) {
  u32 *into;
  EACH_TOKEN(image, place, false, OF_GROUP, COUNT_ANY);
}
NOINLINE void count_runs(const struct image *image, u32 *counts, struct place *place) {
  u32 *into;
  EACH_TOKEN(image, place, true, OF_GROUP, COUNT_ANY);
}
NOINLINE void count_opaque_runs(const struct image *image, u32 *counts, struct place *place) {
  u32 *into;
  EACH_TOKEN(image, place, true, OF_GROUP, COUNT_OPAQUE);
}
#undef COUNT_ANY
#undef COUNT_OPAQUE
#undef COUNT
#undef OF_GROUP

static void count_image(const struct image *image, u32 *counts) {
  struct place place = {0, 0, 0, 0};
  while (place.at < image->count) {
    if (image->find) image->find(image, &place);
    if (image->tokens) count_tokens(image, counts, &place);
    else if (image->opaque) count_opaque_runs(image, counts, &place);
    else count_runs(image, counts, &place);
  }
}

// ---- writing ------------------------------------------------------------------------------------

INLINE void write_symbol(struct bit_writer *w, u32 code) { add_bits(w, code >> 8, code & 255); }

// The codes of a literal without its alpha, in a row: `*n` bits. Apart from what waits in a writer, so that only one sum depends on the
// pixel before.
INLINE u64 literal_bits(const u32 *codes, argb pixel, u32 *n) {
  u32 green = codes[GREEN + channel(pixel, GREEN_AT)], red = codes[RED + channel(pixel, RED_AT)];
  u32 blue = codes[BLUE + channel(pixel, BLUE_AT)], at = green & 255;
  u64 bits = green >> 8 | (u64)(red >> 8) << at;
  at += red & 255;
  *n = at + (blue & 255);
  return bits | (u64)(blue >> 8) << at;
}

// Literals of opaque pixels, an even number of them.
INLINE void write_opaque(struct bit_writer *w, const u32 *codes, const argb *pixels, u32 count) {
  for (u32 i = 0; i < count; i += 2) {
    u32 n, more;
    u64 bits = literal_bits(codes, pixels[i], &n), next = literal_bits(codes, pixels[i + 1], &more);
    if (n + more > 56) {
      put_bits(w, bits, n);
      put_bits(w, next, more);
    } else {
      put_bits(w, bits | next << n, n + more);
    }
  }
}

INLINE void write_token(struct bit_writer *w, const u32 *codes, u32 token, argb pixel, bool opaque) {
  if (token == 0) {
    u32 n;
    u64 bits = literal_bits(codes, pixel, &n);
    add_bits(w, bits, n);
    if (!opaque) {
      store_bits(w);
      write_symbol(w, codes[OPACITY + channel(pixel, ALPHA_AT)]);
    }
  } else if (is_copy(token)) {
    struct prefixed length = prefix_of(copy_length(token)), distance = prefix_of(copy_code(token));
    write_symbol(w, codes[LENGTH + length.symbol]);
    add_bits(w, length.extra, length.extra_bits);
    store_bits(w);
    write_symbol(w, codes[DISTANCE + distance.symbol]);
    add_bits(w, distance.extra, distance.extra_bits);
  } else {
    write_symbol(w, codes[CACHED + (token & 0xffff)]);
  }
  store_bits(w);
}

// Writes the rest of a row of a place, or some segments of it.
#define OF_GROUP(x)                             \
  if (w.next > full) break;                     \
  codes = all_codes + group_at(image, x, place->y)
// In a photograph most segments are all literals.
#define OF_GROUP_AT_ONCE(x)                                                          \
  OF_GROUP(x);                                                                       \
  if (at > 0 && end - x == GLANCE && !run_within(pixels + at)) {                     \
    write_opaque(&w, codes, pixels + at, GLANCE);                                      \
    at += GLANCE;                                                                    \
    last = pixels[at - 1];                                                           \
    x += GLANCE;                                                                     \
    continue;                                                                        \
  }
#define WRITE_ANY(token, pixel) write_token(&w, codes, token, pixel, false)
#define WRITE_OPAQUE(token, pixel) write_token(&w, codes, token, pixel, true)
#define WRITER(name, runs, BEGIN, WRITE)                                                                        \
  NOINLINE void name(const struct image *image, const u32 *all_codes, struct place *place) {             \
    struct bit_writer w = out;                                                                           \
    const u8 *full = output + OUTPUT_BYTES - OUTPUT_ROOM;                                                \
    const u32 *codes;                                                                                    \
    EACH_TOKEN(image, place, runs, BEGIN, WRITE);                                                     \
    out = w;                                                                                             \
  }
WRITER(write_runs, true, OF_GROUP, WRITE_ANY)
WRITER(write_opaque_runs, true, OF_GROUP_AT_ONCE, WRITE_OPAQUE)
WRITER(write_tokens, false, OF_GROUP, WRITE_ANY)
#undef WRITER
#undef WRITE_ANY
#undef WRITE_OPAQUE
#undef OF_GROUP_AT_ONCE
#undef OF_GROUP

// Writes what fits; false where the output has to be taken first. `codes` of all groups.
static bool write_image(const struct image *image, const u32 *codes, struct place *place) {
  while (place->at < image->count) {
    if (!out_room()) return false;
    if (image->find) image->find(image, place);
    if (image->tokens) write_tokens(image, codes, place);
    else if (image->opaque) write_opaque_runs(image, codes, place);
    else write_runs(image, codes, place);
  }
  return true;
}

#endif
