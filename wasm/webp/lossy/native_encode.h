// Whole images through the kernel natively, for its tests and its fuzzer.
#ifndef NATIVE_ENCODE_H
#define NATIVE_ENCODE_H

#include "common/native_test.h"

#include "vp8.c"

enum { FORMATS = BGRX8 + 1 };
static const u8 pixel_bytes[FORMATS] = {1, 2, 3, 4, 3, 4, 4, 4, 4};

struct job { u32 width, height, format, quality, effort, flags, padding, target; };

// How it goes through.
struct route {
  size_t heap_bytes;    // the memory that there is
  size_t memory_limit;  // and that it may have
  u8 before;            // what the memory held before
  u32 strips;           // 0: as large as may be; otherwise a seed for the rows of each
  u32 stop;             // the row at which the image is given up
};

static u32 rows_of_strip(u32 seed, u32 most) { return seed == 0 ? most : 16 * (1 + (seed >> 16) % (most / 16)); }

// The payload, from pixels `pitch` apart. NULL where the memory did not do or the image was given up.
static u8 *encode(const struct job *job, const struct route *route, const u8 *pixels, u32 pitch, size_t *bytes) {
  // Memory grows to multiples of GROWTH_BYTES: so what fits does not depend on where the heap happens to lie.
  size_t space = (route->heap_bytes + GROWTH_BYTES - 1) & ~(size_t)(GROWTH_BYTES - 1);
  u8 *heap = aligned_alloc(GROWTH_BYTES, space), *payload = NULL;
  memset(heap, route->before, route->heap_bytes);
  native_heap_give(heap, route->heap_bytes, space);
  u32 wish = vp8_begin(job->width, job->height, job->format, job->quality, job->effort, job->flags, job->target, pitch,
                       (u32)route->memory_limit);
  u32 row = job->width * pixel_bytes[job->format], seed = route->strips, rows;
  for (u32 y = 0; wish == WANT_ROWS && y < job->height && y < route->stop; y += rows, seed *= 0x9e3779b1) {
    rows = min_u32(rows_of_strip(seed, vp8_strip_rows()), job->height - y);
    memcpy(vp8_input(), pixels + (size_t)y * pitch, (size_t)pitch * (rows - 1) + row);
    wish = vp8_rows(rows);
    expect((wish == DONE) <= (y + rows == job->height), "done early", y, rows, job->height);
  }
  *bytes = 0;
  if (wish == DONE) {
    *bytes = vp8_output_bytes();
    payload = exactly(*bytes);
    memcpy(payload, vp8_output(), *bytes);
  } else {
    bool given_up = wish == WANT_ROWS && route->stop < job->height;
    expect(given_up || wish == OVER_LIMIT || wish == NO_MEMORY, "wish", wish, job->width, job->height);
  }
  native_heap_take();
  free(heap);
  return payload;
}

// A key frame of that size, whose first partition and, behind it, the sizes of the others end within it.
static void check_payload(const struct job *job, const u8 *payload, size_t bytes) {
  static const u8 start[] = {0x9d, 0x01, 0x2a};
  expect(bytes > FRAME_TAG_BYTES && memcmp(payload + 3, start, 3) == 0, "no start", job->width, job->height, (u32)bytes);
  u32 tag = (u32)payload[0] | (u32)payload[1] << 8 | (u32)payload[2] << 16;
  expect((tag & 31) == 16, "no key frame", tag, job->width, job->height);
  expect(load16(payload + 6) == job->width && load16(payload + 8) == job->height, "size", job->width, job->height, 0);
  u32 partitions = 1u << run.frame.partitions_log2;
  size_t at = FRAME_TAG_BYTES + (tag >> 5);
  expect(at + 3 * (partitions - 1) < bytes, "first partition beyond the end", tag >> 5, (u32)bytes, partitions);
  size_t left = bytes - at - 3 * (partitions - 1);
  for (u32 i = 0; i + 1 < partitions; i++, at += 3) {
    size_t size = (size_t)payload[at] | (size_t)payload[at + 1] << 8 | (size_t)payload[at + 2] << 16;
    expect(size < left, "partition beyond the end", i, (u32)size, (u32)left);
    left -= size;
  }
}

#endif
