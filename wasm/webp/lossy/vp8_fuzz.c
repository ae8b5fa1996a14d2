// A target for libFuzzer: `npm run fuzz:wasm vp8`.
//
// An input says all that a host can say: size, format, quality, effort, pitch, how rows are handed over, how much memory there is
// and may be used, and the pixels. What has to hold: no byte is touched beyond the heap that was reserved and the tables; the
// payload is sound; the scalar routines, another pitch, other strips, other contents of the memory and an image given up
// before make the same payload; with too little memory the answer says so, and the image after it is none the worse.

#include "common/native_fuzz.h"
#include "webp/lossy/native_encode.h"

// What an input begins with; the rest are pixels.
struct header {
  u16 width, height;
  u8 format, quality, effort, padding;
  u8 pixels;  // how they are made of the rest
  u8 strips;
  u16 stop, heap_pages, limit_pages;  // pages of 1 kB
  u16 target;
};

enum { MOST_PIXELS = 1500, MOST_PIXELS_LARGE = 8000, PAGE_BYTES = 1024 };

static struct job job_of(const struct header *h) {
  struct job job = {
      // Most are small, and a side can be as long as may be: 1/16 of them, as they take long.
      .width = 1 + ((h->width & 0xf000) == 0xf000 ? h->width % MAX_SIDE : h->width % 200),
      .format = h->format % FORMATS,
      .quality = h->quality % 101 * 100u + (h->quality % 101 < 100 ? h->effort : 0) % 100,
      .effort = h->effort % 3,
      .flags = (h->effort & 128 ? UNSEEN : 0) | (h->effort & 64 ? SHARP : 0),
      .target = h->target % 8 == 0 ? h->target / 4 : 0,
      .padding = h->padding & 128 ? h->padding * 16u : h->padding % 20,
  };
  u32 height = 1 + ((h->height & 0xf000) == 0xf000 ? h->height % MAX_SIDE : h->height % 200);
  u32 most = ((h->pixels & 12) == 12 ? MOST_PIXELS_LARGE : MOST_PIXELS) / job.width;
  job.height = min_u32(height, most < 1 ? 1 : most);
  // A target makes the image nine times, and long sides are a thousand macroblocks.
  if (job.width > 200 || job.height > 200) {
    job.target = 0;
    job.effort = FAST;
  }
  return job;
}

// More than any of these images needs.
static size_t plenty(const struct job *job, u32 pitch) {
  size_t macroblocks = (size_t)((job->width + 15) / 16) * ((job->height + 15) / 16) + 64;
  size_t sharper = job->flags & SHARP ? (size_t)sharp_bytes((job->width + 15) / 16) + 64 : 0;
  return ((size_t)pitch * 32 + 128 * 1024 + macroblocks * 4096 + sharper + 4 * GROWTH_BYTES + 63) & ~(size_t)63;
}

int LLVMFuzzerTestOneInput(const u8 *data, size_t size) {
  struct header h;
  if (size < sizeof h) return 0;
  memcpy(&h, data, sizeof h);
  data += sizeof h;
  size -= sizeof h;

  struct job job = job_of(&h), scalar = job, shown = job;
  scalar.flags |= SCALAR;
  shown.flags |= RECONSTRUCT;
  u32 row = job.width * pixel_bytes[job.format], pitch = row + job.padding;
  u8 *pixels = pixels_of(h.pixels, data, size, (size_t)row * job.height), *wide = padded(pixels, row, job.height, job.padding);
  size_t heap = plenty(&job, pitch), tight = (size_t)(1 + h.heap_pages % 2048) * PAGE_BYTES, bytes[4];

  struct route defined = {heap, heap, 0x00, 0, job.height};
  struct route other = {heap, heap, 0xa5, h.strips, job.height};
  struct route given_up = {heap, heap, 0xff, h.strips, h.stop % (job.height + 1)};
  struct route short_of = {tight, (size_t)h.limit_pages * PAGE_BYTES, 0xff, h.strips, job.height};
  u8 *payload = encode(&scalar, &defined, pixels, row, &bytes[0]);
  expect(payload != NULL, "plenty of memory", job.width, job.height, job.effort);
  check_payload(&job, payload, bytes[0]);
  free(encode(&job, &given_up, wide, pitch, &bytes[1]));
  u8 *same = encode(&shown, &other, wide, pitch, &bytes[2]);
  bool equal = same != NULL && bytes[2] == bytes[0] && memcmp(same, payload, bytes[0]) == 0;
  expect(equal, "another way, another payload", job.width, job.height, job.effort);
  u8 *small = encode(&job, &short_of, wide, pitch, &bytes[3]);
  equal = small == NULL || (bytes[3] == bytes[0] && memcmp(small, payload, bytes[0]) == 0);
  expect(equal, "short of memory, another payload", job.width, job.height, job.effort);

  free(payload);
  free(same);
  free(small);
  free(wide);
  free(pixels);
  return 0;
}
