// A target for libFuzzer: `npm run fuzz:wasm vp8l`.
//
// An input says all that a host can say: size, format, effort, flags, pitch, how rows are handed over, how much memory there is
// and may be used, and the pixels. What has to hold: no byte is touched beyond the heap that was reserved and the tables; one
// payload, whatever the way (native_encode.h).

#include "webp/lossless/native_encode.h"

// What an input begins with; the rest are pixels.
struct header {
  u16 width, height;
  u8 format, effort, flags, padding;
  u8 pixels;  // how they are made of the rest
  u8 strips;
  u16 stop, heap_pages, limit_pages;  // pages of 1 kB
};

enum { MOST_PIXELS = 3000, MOST_PIXELS_LARGE = 40000, PAGE_BYTES = 1024 };

int LLVMFuzzerTestOneInput(const u8 *data, size_t size) {
  struct header h;
  if (size < sizeof h) return 0;
  memcpy(&h, data, sizeof h);
  data += sizeof h;
  size -= sizeof h;
  struct job job = {
      .width = 1 + ((h.width & 0xf000) == 0xf000 ? h.width % MAX_SIDE : h.width % 200),
      .format = h.format % FORMATS,
      .effort = h.effort % 3,
      .flags = h.flags & (EXACT | ALPHA),
      .padding = h.padding & 128 ? h.padding * 16u : h.padding % 20,
  };
  u32 height = 1 + ((h.height & 0xf000) == 0xf000 ? h.height % MAX_SIDE : h.height % 200);
  u32 most = ((h.pixels & 56) == 56 ? MOST_PIXELS_LARGE : MOST_PIXELS) / job.width;
  job.height = min_u32(height, most < 1 ? 1 : most);

  size_t bytes = (size_t)job.width * job.height * sources[job.format].bytes;
  u8 *pixels = exactly(bytes);
  noise_state = (u32)h.pixels << 8 | 1;
  for (size_t i = 0; i < bytes; i++) {
    u8 byte = size > 0 ? data[i % size] : 0;
    u32 kind = h.pixels & 7;
    pixels[i] = kind < 3 ? byte : kind == 3 ? (u8)noise() : kind == 4 ? (u8)(noise() & 1) : kind == 5 ? (u8)(byte + i / 3) : (u8)(byte & 0xc0);
  }
  size_t tight = (size_t)(1 + h.heap_pages % 8192) * PAGE_BYTES;
  expect_one_payload(&job, pixels, h.strips, h.stop % (job.height + 1), tight, (size_t)h.limit_pages * PAGE_BYTES);
  free(pixels);
  return 0;
}
