// A decoder of WebP's lossless bitstream for the tests: the specification word for word, a bit at a time, sharing nothing with the
// encoder. What is malformed aborts, and so does what is only useless, such as a bit behind the last pixel.
#ifndef VP8L_DECODE_H
#define VP8L_DECODE_H

#include "common/native_test.h"

enum { DECODED_LONGEST = 15, DECODED_GREENS = 256 + 24 + 2048, DECODED_DISTANCES = 40, DECODED_PER_GROUP = 5 };

static struct {
  const u8 *data;
  size_t bits, at;  // how many there are, and were read
} decoding;

static u32 decode_bits(u32 n) {
  u32 value = 0;
  expect(decoding.bits - decoding.at >= n, "bits beyond the end", n, (u32)decoding.at, (u32)decoding.bits);
  for (u32 i = 0; i < n; i++, decoding.at++) value |= (u32)(decoding.data[decoding.at >> 3] >> (decoding.at & 7) & 1) << i;
  return value;
}

// ---- prefix codes, section 6.2.1 ----------------------------------------------------------------

struct decoded_code {
  u32 used, counts[DECODED_LONGEST + 1];  // by length
  u16 symbols[DECODED_GREENS];            // by length, then by value
};

static void decoded_from_lengths(struct decoded_code *code, const u8 *lengths, u32 n) {
  u32 left = 1 << DECODED_LONGEST;
  memset(code, 0, sizeof *code);
  for (u32 length = 1; length <= DECODED_LONGEST; length++)
    for (u32 s = 0; s < n; s++) {
      if (lengths[s] != length) continue;
      code->symbols[code->used++] = (u16)s;
      code->counts[length]++;
      expect(left >= 1u << (DECODED_LONGEST - length), "too many codes", length, s, n);
      left -= 1u << (DECODED_LONGEST - length);
    }
  expect(code->used == 1 || left == 0, "incomplete code", code->used, left, n);
}

static u32 decode_symbol(const struct decoded_code *code) {
  if (code->used == 1) return code->symbols[0];
  // Among the codes of a length: the number of the bits read, and where the symbols of that length are.
  u32 number = 0, at = 0;
  for (u32 length = 1; length <= DECODED_LONGEST; length++) {
    number = number * 2 + decode_bits(1);
    if (number < code->counts[length]) return code->symbols[at + number];
    number -= code->counts[length];
    at += code->counts[length];
  }
  expect(false, "no such code", number, at, code->used);
  return 0;
}

static void decode_simple_lengths(u8 *lengths, u32 n) {
  bool two = decode_bits(1) == 1;
  u32 first = decode_bits(decode_bits(1) == 1 ? 8 : 1);
  expect(first < n, "symbol beyond", first, n, 0);
  lengths[first] = 1;
  if (!two) return;
  u32 second = decode_bits(8);
  expect(second < n && second != first, "second symbol", first, second, n);
  lengths[second] = 1;
}

static void decode_lengths(u8 *lengths, u32 n) {
  static const u8 order[19] = {17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};
  struct decoded_code code;
  u8 of_lengths[19] = {0};
  u32 written = 4 + decode_bits(4), most = n, last = 8;
  expect(written <= 19, "lengths of lengths", written, 0, 0);
  for (u32 i = 0; i < written; i++) of_lengths[order[i]] = (u8)decode_bits(3);
  decoded_from_lengths(&code, of_lengths, 19);
  if (decode_bits(1) == 1) {
    most = decode_bits(2 + 2 * decode_bits(3)) + 2;
    expect(most <= n, "more lengths than symbols", most, n, 0);
  }
  for (u32 at = 0; at < n && most > 0; most--) {
    u32 symbol = decode_symbol(&code), times = 1, value = symbol;
    if (symbol == 16) {
      times = 3 + decode_bits(2);
      value = last;
    } else if (symbol >= 17) {
      times = symbol == 17 ? 3 + decode_bits(3) : 11 + decode_bits(7);
      value = 0;
    }
    expect(times <= n - at, "lengths beyond", at, times, n);
    memset(lengths + at, (int)value, times);
    at += times;
    if (value > 0) last = value;
  }
}

static void decode_code(struct decoded_code *code, u32 n) {
  u8 lengths[DECODED_GREENS] = {0};
  if (decode_bits(1) == 1) decode_simple_lengths(lengths, n);
  else decode_lengths(lengths, n);
  decoded_from_lengths(code, lengths, n);
}

// ---- pixels, sections 5.2 and 6.2.3 -------------------------------------------------------------

// (x to the left, y up) of the distance codes 1 to 120.
static const signed char decoded_neighbours[120][2] = {
    {0, 1},  {1, 0},  {1, 1},  {-1, 1}, {0, 2},  {2, 0},  {1, 2},  {-1, 2}, {2, 1},  {-2, 1}, {2, 2},  {-2, 2}, {0, 3},  {3, 0},  {1, 3},
    {-1, 3}, {3, 1},  {-3, 1}, {2, 3},  {-2, 3}, {3, 2},  {-3, 2}, {0, 4},  {4, 0},  {1, 4},  {-1, 4}, {4, 1},  {-4, 1}, {3, 3},  {-3, 3},
    {2, 4},  {-2, 4}, {4, 2},  {-4, 2}, {0, 5},  {3, 4},  {-3, 4}, {4, 3},  {-4, 3}, {5, 0},  {1, 5},  {-1, 5}, {5, 1},  {-5, 1}, {2, 5},
    {-2, 5}, {5, 2},  {-5, 2}, {4, 4},  {-4, 4}, {3, 5},  {-3, 5}, {5, 3},  {-5, 3}, {0, 6},  {6, 0},  {1, 6},  {-1, 6}, {6, 1},  {-6, 1},
    {2, 6},  {-2, 6}, {6, 2},  {-6, 2}, {4, 5},  {-4, 5}, {5, 4},  {-5, 4}, {3, 6},  {-3, 6}, {6, 3},  {-6, 3}, {0, 7},  {7, 0},  {1, 7},
    {-1, 7}, {5, 5},  {-5, 5}, {7, 1},  {-7, 1}, {4, 6},  {-4, 6}, {6, 4},  {-6, 4}, {2, 7},  {-2, 7}, {7, 2},  {-7, 2}, {3, 7},  {-3, 7},
    {7, 3},  {-7, 3}, {5, 6},  {-5, 6}, {6, 5},  {-6, 5}, {8, 0},  {4, 7},  {-4, 7}, {7, 4},  {-7, 4}, {8, 1},  {8, 2},  {6, 6},  {-6, 6},
    {8, 3},  {5, 7},  {-5, 7}, {7, 5},  {-7, 5}, {8, 4},  {6, 7},  {-6, 7}, {7, 6},  {-7, 6}, {8, 5},  {7, 7},  {-7, 7}, {8, 6},  {8, 7}};

static u32 decoded_distance(u32 code, u32 width) {
  if (code > 120) return code - 120;
  i32 distance = decoded_neighbours[code - 1][0] + decoded_neighbours[code - 1][1] * (i32)width;
  return distance < 1 ? 1 : (u32)distance;
}

static u32 decode_value(u32 symbol) {
  if (symbol < 4) return symbol + 1;
  u32 extra = (symbol - 2) / 2;
  return ((2 + (symbol & 1)) << extra) + decode_bits(extra) + 1;
}

static u32 decoded_tiles(u32 n, u32 bits) { return (n + (1u << bits) - 1) >> bits; }

static u32 *decode_pixels(u32 width, u32 height, bool grouped) {
  u32 count = width * height, groups = 1, tile_bits = 0, *map = NULL;
  u32 cache_bits = 0, colors[2048] = {0}, greens = 256 + 24;
  if (decode_bits(1) == 1) {
    cache_bits = decode_bits(4);
    expect(cache_bits >= 1 && cache_bits <= 11, "cache", cache_bits, 0, 0);
  }
  if (cache_bits > 0) greens += 1u << cache_bits;
  if (grouped && decode_bits(1) == 1) {
    tile_bits = decode_bits(3) + 2;
    u32 across = decoded_tiles(width, tile_bits), tiles = across * decoded_tiles(height, tile_bits);
    map = decode_pixels(across, decoded_tiles(height, tile_bits), false);
    for (u32 i = 0; i < tiles; i++) {
      map[i] = map[i] >> 8 & 0xffff;
      if (map[i] >= groups) groups = map[i] + 1;
    }
  }
  struct decoded_code *codes = exactly(groups * DECODED_PER_GROUP * sizeof *codes);
  for (u32 i = 0; i < groups * DECODED_PER_GROUP; i++)
    decode_code(codes + i, i % DECODED_PER_GROUP == 0 ? greens : i % DECODED_PER_GROUP == 4 ? DECODED_DISTANCES : 256);
  u32 *pixels = exactly((size_t)count * sizeof *pixels);
  for (u32 at = 0, end; at < count; at = end) {
    u32 x = at % width, y = at / width;
    const struct decoded_code *of = codes;
    if (map != NULL) of += map[(y >> tile_bits) * decoded_tiles(width, tile_bits) + (x >> tile_bits)] * DECODED_PER_GROUP;
    u32 symbol = decode_symbol(of);
    end = at + 1;
    if (symbol < 256) {
      u32 red = decode_symbol(of + 1), blue = decode_symbol(of + 2), alpha = decode_symbol(of + 3);
      pixels[at] = alpha << 24 | red << 16 | symbol << 8 | blue;
    } else if (symbol < 256 + 24) {
      u32 length = decode_value(symbol - 256), distance = decoded_distance(decode_value(decode_symbol(of + 4)), width);
      expect(length <= count - at && distance <= at, "copy beyond", at, length, distance);
      end = at + length;
      for (u32 i = at; i < end; i++) pixels[i] = pixels[i - distance];
    } else {
      pixels[at] = colors[symbol - 256 - 24];
    }
    if (cache_bits > 0)
      for (u32 i = at; i < end; i++) colors[pixels[i] * 0x1e35a7bdu >> (32 - cache_bits)] = pixels[i];
  }
  free(codes);
  free(map);
  return pixels;
}

// ---- transforms, section 4 ----------------------------------------------------------------------

enum decoded_kind { DECODED_PREDICTION, DECODED_CROSS_COLOR, DECODED_GREEN, DECODED_INDICES };

struct decoded_transform { u32 kind, bits, width, *data, colors; };  // width: of the image that it gives

static i32 decoded_channel(u32 pixel, u32 at) { return (i32)(pixel >> at & 255); }
static i32 decoded_clamp(i32 v) { return v < 0 ? 0 : v > 255 ? 255 : v; }

static u32 decoded_sum(u32 a, u32 b) {
  u32 sum = 0;
  for (u32 at = 0; at < 32; at += 8) sum |= (u32)((decoded_channel(a, at) + decoded_channel(b, at)) & 255) << at;
  return sum;
}

static bool decoded_selects_left(u32 left, u32 top, u32 top_left) {
  i32 to_left = 0, to_top = 0;
  for (u32 at = 0; at < 32; at += 8) {
    i32 guess = decoded_channel(left, at) + decoded_channel(top, at) - decoded_channel(top_left, at);
    to_left += abs(guess - decoded_channel(left, at));
    to_top += abs(guess - decoded_channel(top, at));
  }
  return to_left < to_top;
}

static u32 decoded_prediction(u32 mode, u32 left, u32 top, u32 top_left, u32 top_right) {
  u32 result = 0;
  if (mode == 11) return decoded_selects_left(left, top, top_left) ? left : top;
  for (u32 at = 0; at < 32; at += 8) {
    i32 l = decoded_channel(left, at), t = decoded_channel(top, at), tl = decoded_channel(top_left, at), tr = decoded_channel(top_right, at);
    const i32 by_mode[14] = {
        at == 24 ? 255 : 0,
        l,
        t,
        tr,
        tl,
        ((l + tr) / 2 + t) / 2,
        (l + tl) / 2,
        (l + t) / 2,
        (tl + t) / 2,
        (t + tr) / 2,
        ((l + tl) / 2 + (t + tr) / 2) / 2,
        0,
        decoded_clamp(l + t - tl),
        decoded_clamp((l + t) / 2 + ((l + t) / 2 - tl) / 2),
    };
    result |= (u32)by_mode[mode] << at;
  }
  return result;
}

static void undo_prediction(const struct decoded_transform *transform, u32 *pixels, u32 height) {
  u32 width = transform->width, across = decoded_tiles(width, transform->bits);
  for (u32 y = 0, i = 0; y < height; y++)
    for (u32 x = 0; x < width; x++, i++) {
      u32 mode = transform->data[(y >> transform->bits) * across + (x >> transform->bits)] >> 8 & 255, prediction;
      expect(mode < 14, "mode", mode, x, y);
      if (i == 0) prediction = 0xff000000;
      else if (y == 0) prediction = pixels[i - 1];
      else if (x == 0) prediction = pixels[i - width];
      // In scan-line order the pixel behind the last of the row above is the first of this row, as it is to be.
      else prediction = decoded_prediction(mode, pixels[i - 1], pixels[i - width], pixels[i - width - 1], pixels[i - width + 1]);
      pixels[i] = decoded_sum(pixels[i], prediction);
    }
}

static i32 decoded_delta(u32 element, u32 at, i32 channel) { return ((i32)(signed char)(element >> at & 255) * (signed char)channel) >> 5; }

static void undo_cross_color(const struct decoded_transform *transform, u32 *pixels, u32 height) {
  u32 width = transform->width, across = decoded_tiles(width, transform->bits);
  for (u32 y = 0, i = 0; y < height; y++)
    for (u32 x = 0; x < width; x++, i++) {
      u32 element = transform->data[(y >> transform->bits) * across + (x >> transform->bits)];
      i32 green = decoded_channel(pixels[i], 8), red = decoded_channel(pixels[i], 16), blue = decoded_channel(pixels[i], 0);
      red = (red + decoded_delta(element, 0, green)) & 255;
      blue = (blue + decoded_delta(element, 8, green) + decoded_delta(element, 16, red)) & 255;
      pixels[i] = (pixels[i] & 0xff00ff00) | (u32)red << 16 | (u32)blue;
    }
}

static void undo_green(u32 *pixels, u32 count) {
  for (u32 i = 0; i < count; i++) pixels[i] = decoded_sum(pixels[i], (pixels[i] >> 8 & 255) * 0x10001);
}

// Gives the pixels instead of those that hold the indices.
static u32 *undo_indices(const struct decoded_transform *transform, u32 *packed, u32 height) {
  u32 width = transform->width, packed_width = decoded_tiles(width, transform->bits), index_bits = 8 >> transform->bits;
  u32 *pixels = exactly((size_t)width * height * sizeof *pixels);
  for (u32 y = 0; y < height; y++)
    for (u32 x = 0; x < width; x++) {
      u32 green = packed[y * packed_width + (x >> transform->bits)] >> 8 & 255;
      u32 index = green >> (x & ((1u << transform->bits) - 1)) * index_bits & ((1u << index_bits) - 1);
      expect(index < transform->colors, "index beyond the palette", index, x, y);
      pixels[y * width + x] = transform->data[index];
    }
  free(packed);
  return pixels;
}

// Reads a transform of an image of that width; gives the width of what it is made of.
static u32 decode_transform(struct decoded_transform *transform, u32 width, u32 height) {
  transform->kind = decode_bits(2);
  transform->width = width;
  transform->data = NULL;
  if (transform->kind == DECODED_GREEN) return width;
  if (transform->kind != DECODED_INDICES) {
    transform->bits = decode_bits(3) + 2;
    transform->data = decode_pixels(decoded_tiles(width, transform->bits), decoded_tiles(height, transform->bits), false);
    return width;
  }
  u32 colors = transform->colors = decode_bits(8) + 1;
  transform->bits = colors <= 2 ? 3 : colors <= 4 ? 2 : colors <= 16 ? 1 : 0;
  transform->data = decode_pixels(colors, 1, false);
  for (u32 i = 1; i < colors; i++) transform->data[i] = decoded_sum(transform->data[i], transform->data[i - 1]);
  return decoded_tiles(width, transform->bits);
}

// ---- the image ----------------------------------------------------------------------------------

// The pixels of an image of that size, 0xaarrggbb, to be freed. `header`: there is one, and `*hint` gets its alpha_is_used.
static u32 *decode(const u8 *data, size_t bytes, u32 width, u32 height, bool header, bool *hint) {
  struct decoded_transform transforms[4];
  u32 count = 0, kinds = 0, coded_width = width;
  decoding.data = data;
  decoding.bits = bytes * 8;
  decoding.at = 0;
  if (header) {
    expect(decode_bits(8) == 0x2f, "signature", 0, 0, 0);
    expect(decode_bits(14) + 1 == width && decode_bits(14) + 1 == height, "size", width, height, 0);
    *hint = decode_bits(1) == 1;
    expect(decode_bits(3) == 0, "version", 0, 0, 0);
  }
  while (decode_bits(1) == 1) {
    expect(count < 4, "transforms", count, 0, 0);
    coded_width = decode_transform(transforms + count, coded_width, height);
    expect((kinds >> transforms[count].kind & 1) == 0, "a transform twice", transforms[count].kind, 0, 0);
    kinds |= 1u << transforms[count++].kind;
  }
  u32 *pixels = decode_pixels(coded_width, height, true);
  expect(decoding.bits - decoding.at < 8, "bytes behind the image", (u32)decoding.at, (u32)decoding.bits, 0);
  expect(decode_bits((u32)(decoding.bits - decoding.at)) == 0, "bits behind the image", (u32)decoding.at, 0, 0);
  while (count-- > 0) {
    const struct decoded_transform *transform = transforms + count;
    if (transform->kind == DECODED_PREDICTION) undo_prediction(transform, pixels, height);
    else if (transform->kind == DECODED_CROSS_COLOR) undo_cross_color(transform, pixels, height);
    else if (transform->kind == DECODED_GREEN) undo_green(pixels, transform->width * height);
    else pixels = undo_indices(transform, pixels, height);
    free(transform->data);
  }
  return pixels;
}

#endif
