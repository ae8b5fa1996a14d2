// The chunks of a PNG file: sections 5 and 11. What comes before the pixels is put together here; each part of the
// compressed stream becomes an IDAT chunk where it lies, as there is room before and behind it.
#ifndef CHUNK_H
#define CHUNK_H

#include "checksum.h"
#include "layout.h"

enum {
  CHUNK_FRONT = 8,   // length and type
  CHUNK_BEHIND = 4,  // CRC
  END_BYTES = CHUNK_FRONT + CHUNK_BEHIND,
  // Signature, IHDR, PLTE and tRNS.
  HEADER_BYTES = 8 + (12 + 13) + (12 + 3 * 256) + (12 + 256),
};

static u8 *put_be32(u8 *to, u32 v) {
  to[0] = (u8)(v >> 24);
  to[1] = (u8)(v >> 16);
  to[2] = (u8)(v >> 8);
  to[3] = (u8)v;
  return to + 4;
}

// Makes a chunk of the n bytes at `data`, with what comes before and behind them; gives its end.
static u8 *close_chunk(u8 *data, u32 n, const char type[4]) {
  put_be32(data - 8, n);
  copy_bytes(data - 4, type, 4);
  return put_be32(data + n, crc32(0, data - 4, n + 4));
}

static u8 *put_header(u8 *to, u32 width, u32 height, struct layout layout, bool interlaced) {
  static const u8 signature[8] = {137, 'P', 'N', 'G', '\r', '\n', 26, '\n'};
  copy_bytes(to, signature, 8);
  u8 *data = to + 8 + CHUNK_FRONT;
  u8 *end = put_be32(put_be32(data, width), height);
  *end++ = layout.depth;
  *end++ = layout.type;
  *end++ = 0;  // deflate
  *end++ = 0;  // the five filters
  *end++ = interlaced;
  return close_chunk(data, (u32)(end - data), "IHDR");
}

// PLTE and, where there are colours that are not opaque, tRNS up to the last of them.
static u8 *put_palette(u8 *to, const u8 *rgba, u32 count) {
  u8 *data = to + CHUNK_FRONT;
  for (u32 i = 0; i < count; i++)
    for (u32 c = 0; c < 3; c++) data[3 * i + c] = rgba[4 * i + c];
  to = close_chunk(data, 3 * count, "PLTE");
  while (count > 0 && rgba[4 * count - 1] == 255) count--;
  if (count == 0) return to;
  data = to + CHUNK_FRONT;
  for (u32 i = 0; i < count; i++) data[i] = rgba[4 * i + 3];
  return close_chunk(data, count, "tRNS");
}

#endif
