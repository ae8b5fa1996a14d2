// A target for libFuzzer: `npm run fuzz:wasm vp8l`.
//
// An input says all that a host can say: size, format, effort, flags, bits that may be lost, pitch, how rows are handed over, where an
// image is given up, how much memory there is and may be used, and the pixels. What has to hold: no byte is touched beyond the buffers; a
// decoder gives the pixels back, or such as are near enough; the scalar routines, other strips, other contents of the memory and an
// image given up before make the same file; with too little memory the answer says so, and the image after it is none the worse.

#include "vp8l_paint.h"

// What an input begins with; the rest are pixels.
struct header {
  u16 width, height;
  u8 format, effort, flags, padding;
  u8 pixels, number;  // how they are made of the rest
  u8 strips, levels;
  u16 heap_pages, limit_pages;  // pages of 1 kB
};

enum { MOST_PIXELS = 3000, MOST_PIXELS_LARGE = 40000, PAGE_BYTES = 1024 };

// The kinds of vp8l_paint.h, and behind them what is made of the input.
enum { AS_IS = KINDS, SUMS, FEW, REPEATED, PAINTED = 16 };

static struct job job_of(const struct header *h) {
  struct job job = {
      // Most are small, and a side can be as long as may be.
      .width = 1 + (h->width & 0x8000 ? h->width % MAX_SIDE : h->width % 200),
      .format = h->format % FORMATS,
      .effort = h->effort % 3,
      .flags = h->flags % 4,
      .lost_bits = h->effort / 3 % 12 <= MOST_ROUNDING ? h->effort / 3 % 12 : 0,
      .padding = h->padding & 128 ? h->padding * 16u : h->padding % 20,
  };
  if (!has_alpha(job.format)) job.flags &= ~(u32)ALPHA;
  if (job.flags & ALPHA) job.lost_bits = 0;
  if (job.flags & ALPHA && h->levels > 1) job.flags |= (u32)h->levels << LEVELS_AT;
  u32 height = 1 + (h->height & 0x8000 ? h->height % MAX_SIDE : h->height % 200);
  u32 most = ((h->pixels & 0xe0) == 0xe0 ? MOST_PIXELS_LARGE : MOST_PIXELS) / job.width;
  job.height = min_u32(height, most < 1 ? 1 : most);
  return job;
}

static u8 *pixels_of(const struct header *h, const struct job *job, const u8 *data, size_t size) {
  u32 kind = h->pixels % PAINTED, pitch = pitch_of(job), row = pitch - job->padding;
  noise_state = (u32)h->number << 8 | 1;
  u8 *pixels = paint(job, kind < KINDS ? kind : GRADIENT, h->number + 1u);
  if (kind < KINDS || size == 0) return pixels;
  u8 sum = 0;
  for (u32 y = 0; y < job->height; y++)
    for (u32 x = 0; x < row; x++) {
      size_t i = (size_t)y * row + x;
      u8 byte = data[i % size];
      sum = (u8)(sum + (byte & 7) - 3);
      if (kind == SUMS) byte = sum;
      if (kind == FEW) byte = (u8)((byte & 3) * 85);
      if (kind == REPEATED) byte = data[i / (1 + h->number) % size];
      pixels[(size_t)y * pitch + x] = byte;
    }
  return pixels;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size) {
  struct header h;
  if (size < sizeof h) return 0;
  memcpy(&h, data, sizeof h);
  struct job job = job_of(&h);
  u8 *pixels = pixels_of(&h, &job, data + sizeof h, size - sizeof h);
  size_t bytes, small_bytes, tight = (size_t)(1 + h.heap_pages % 4096) * PAGE_BYTES;
  u32 wish;
  struct route short_of = {tight, (size_t)h.limit_pages % 4096 * PAGE_BYTES, 0xff, h.strips, job.height};
  u8 *small = encode_by(&job, &short_of, pixels, &small_bytes, &wish);
  if (small != NULL) check_file(&job, pixels, small, small_bytes);
  free(small);
  u8 *file = test_image(&job, pixels, h.strips, &bytes);
  free(file);
  free(pixels);
  return 0;
}
