// A target for libFuzzer: `npm run fuzz:wasm jpeg`.
//
// An input says all that a host can say: size, format, flags, restarts, pitch, quantisation, background, how rows
// are handed over, how much memory there is and may be used, and the pixels. What has to hold: no byte is touched
// beyond the output, the heap that was reserved and the tables; the file is sound from SOI to EOI; the scalar
// routines, another pitch, other strips, other contents of the memory and an image given up before make the same
// file; with too little memory the answer says so, and the image after it is none the worse.

#include "common/native_fuzz.h"
#include "jpeg/native_encode.h"

// What an input begins with; the rest are quantisation steps and pixels.
struct header {
  u16 width, height;
  u8 format, subsampling, flags, restart_rows, quality, padding;
  u8 pixels;  // how they are made of the rest
  u8 strips;
  u8 background[3], unused;
  u16 stop, heap_pages, limit_pages;  // pages of 1 kB
};

enum { MOST_PIXELS = 3000, MOST_PIXELS_LARGE = 24000, PAGE_BYTES = 1024 };

enum header_flag { HEADER_GRAY = 64, HEADER_QUANTIZERS = 128 };

static struct job job_of(const struct header *h) {
  u32 format = formats[h->format % FORMATS];
  struct job job = {
      // Most are small, and a side can be as long as may be.
      .width = 1 + (h->width & 0x8000 ? h->width % MAX_SIDE : h->width % 200),
      .format = format,
      .subsampling = h->subsampling % 3,
      .flags = h->flags % 4 | (format == GRAY8 || h->flags & HEADER_GRAY ? GRAY : 0),
      .restart_rows = h->restart_rows & 128 ? h->restart_rows * 257u : h->restart_rows % 5,
      .quality = 1 + h->quality % 100,
      .padding = h->padding & 128 ? h->padding * 16u : h->padding % 20,
  };
  u32 height = 1 + (h->height & 0x8000 ? h->height % MAX_SIDE : h->height % 200);
  u32 most = ((h->pixels & 12) == 12 ? MOST_PIXELS_LARGE : MOST_PIXELS) / job.width;
  job.height = min_u32(height, most < 1 ? 1 : most);
  return job;
}

// More than any of these images needs.
static size_t plenty(const struct job *job, u32 pitch) {
  size_t blocks = (size_t)divide_up(job->width, 16) * divide_up(job->height, 16) * 12 + 64;
  return ((size_t)pitch * 32 + 128 * 1024 + blocks * 640 + GROWTH_BYTES + 63) & ~(size_t)63;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size) {
  struct header h;
  if (size < sizeof h) return 0;
  memcpy(&h, data, sizeof h);
  data += sizeof h;
  size -= sizeof h;

  struct job job = job_of(&h), scalar = job;
  scalar.flags |= SCALAR;
  u32 row = job.width * bytes_of(job.format), pitch = row + job.padding;
  u8 quantizers[2 * BLOCK];
  for (u32 i = 0; i < sizeof quantizers; i++) quantizers[i] = size > 0 && data[i % size] > 0 ? data[i % size] : 1;
  const u8 *steps = h.flags & HEADER_QUANTIZERS ? quantizers : NULL;
  u8 *pixels = pixels_of(h.pixels, data, size, (size_t)row * job.height), *wide = padded(pixels, row, job.height, job.padding);
  size_t heap = plenty(&job, pitch), tight = (size_t)(1 + h.heap_pages % 2048) * PAGE_BYTES, bytes[4];

  jpeg_background((u32)h.background[0] | (u32)h.background[1] << 8 | (u32)h.background[2] << 16);

  struct route defined = {heap, heap, 0x00, 0, job.height, steps};
  struct route other = {heap, heap, 0xa5, h.strips, job.height, steps};
  struct route given_up = {heap, heap, 0xff, h.strips, h.stop % (job.height + 1), steps};
  struct route short_of = {tight, (size_t)h.limit_pages * PAGE_BYTES, 0xff, h.strips, job.height, steps};
  u8 *file = encode(&scalar, &defined, pixels, row, &bytes[0]);
  expect(file != NULL, "plenty of memory", job.width, job.height, job.flags);
  check_file(&job, file, bytes[0]);
  free(encode(&job, &given_up, wide, pitch, &bytes[1]));
  u8 *same = encode(&job, &other, wide, pitch, &bytes[2]);
  bool equal = same != NULL && bytes[2] == bytes[0] && memcmp(same, file, bytes[0]) == 0;
  expect(equal, "another way, another file", job.width, job.height, job.flags);
  u8 *small = encode(&job, &short_of, wide, pitch, &bytes[3]);
  equal = small == NULL || (bytes[3] == bytes[0] && memcmp(small, file, bytes[0]) == 0);
  expect(equal, "short of memory, another file", job.width, job.height, job.flags);

  free(file);
  free(same);
  free(small);
  free(wide);
  free(pixels);
  return 0;
}
