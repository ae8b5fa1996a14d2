// Whole images through the kernel natively, for its tests and its fuzzer.
#ifndef NATIVE_ENCODE_H
#define NATIVE_ENCODE_H

#include "common/native_test.h"

#include "vp8l.c"

enum { FORMATS = BGRX8 + 1 };

struct job { u32 width, height, format, effort, flags, padding; };

// How it goes through.
struct route {
  size_t heap_bytes;    // the memory that there is
  size_t memory_limit;  // and that it may have
  u8 before;            // what the memory held before
  u32 strips;           // 0: as large as may be; otherwise a seed for the rows of each
  u32 stop;             // the row at which the image is given up
};

// The payload, from pixels `pitch` apart. NULL where the memory did not do or the image was given up.
static u8 *encode_job(const struct job *job, const struct route *route, const u8 *pixels, u32 pitch, size_t *bytes) {
  size_t space = (route->heap_bytes + 63) & ~(size_t)63, room = 0;
  u8 *heap = aligned_alloc(64, space), *payload = NULL;
  memset(heap, route->before, space);
  native_heap_give(heap, route->heap_bytes, space);
  u32 wish = vp8l_begin(job->width, job->height, job->format, job->effort, job->flags, pitch, (u32)route->memory_limit);
  u32 row = job->width * sources[job->format].bytes, seed = route->strips, rows;
  *bytes = 0;
  for (u32 y = 0; wish == WANT_ROWS && y < job->height && y < route->stop; y += rows, seed = seed * 0x9e3779b1 + (seed > 0)) {
    rows = seed == 0 ? vp8l_strip_rows() : 1 + (seed >> 16) % vp8l_strip_rows();
    rows = min_u32(rows, job->height - y);
    memcpy(vp8l_input(), pixels + (size_t)y * pitch, (size_t)pitch * (rows - 1) + row);
    wish = vp8l_rows(rows);
    expect((wish == WANT_ROWS) == (y + rows < job->height) || wish == OVER_LIMIT || wish == NO_MEMORY, "wish of rows", wish, y, rows);
    while (wish == WANT_DRAIN || (wish == DONE && vp8l_output_bytes() > 0)) {
      u32 n = vp8l_output_bytes();
      expect(n > 0 && n <= OUTPUT_BYTES, "output", n, y, rows);
      if (*bytes + n > room) {
        room = 2 * (*bytes + n);
        payload = realloc(payload, room);
      }
      memcpy(payload + *bytes, vp8l_output(), n);
      *bytes += n;
      if (wish == DONE) break;
      wish = vp8l_resume();
    }
  }
  if (wish != DONE) {
    bool given_up = wish == WANT_ROWS && route->stop < job->height;
    expect(given_up || wish == OVER_LIMIT || wish == NO_MEMORY, "wish", wish, job->width, job->height);
    free(payload);
    payload = NULL;
  }
  native_heap_take();
  free(heap);
  return payload;
}

// More than any image needs.
static size_t plenty(const struct job *job, u32 pitch) {
  size_t pixels = (size_t)job->width * job->height;
  return ((size_t)pitch * 2 + 4 * TARGET_STRIP_BYTES + pixels * 32 + (size_t)job->width * 256 + 4 * 1024 * 1024 + 63) & ~(size_t)63;
}

static u8 *padded(const struct job *job, const u8 *pixels) {
  u32 row = job->width * sources[job->format].bytes, pitch = row + job->padding;
  u8 *wide = exactly((size_t)pitch * (job->height - 1) + row);
  memset(wide, 0x5a, (size_t)pitch * (job->height - 1) + row);
  for (u32 y = 0; y < job->height; y++) memcpy(wide + (size_t)y * pitch, pixels + (size_t)y * row, row);
  return wide;
}

// That the scalar routines, another pitch, other strips, other contents of the memory and an image given up before make the same
// payload; and that with too little memory the answer says so.
static void expect_one_payload(const struct job *job, const u8 *pixels, u32 strips, u32 stop, size_t tight, size_t limit) {
  struct job scalar = *job;
  scalar.flags |= SCALAR;
  u32 row = job->width * sources[job->format].bytes, pitch = row + job->padding;
  size_t heap = plenty(job, pitch), bytes[4];
  u8 *wide = padded(job, pixels);
  struct route defined = {heap, heap, 0x00, 0, job->height}, other = {heap, heap, 0xa5, strips, job->height};
  struct route given_up = {heap, heap, 0xff, strips, stop}, short_of = {tight, limit, 0xff, strips, job->height};
  u8 *payload = encode_job(&scalar, &defined, pixels, row, &bytes[0]);
  expect(payload != NULL, "plenty of memory", job->width, job->height, job->effort);
  free(encode_job(job, &given_up, wide, pitch, &bytes[1]));
  u8 *same = encode_job(job, &other, wide, pitch, &bytes[2]);
  bool equal = same != NULL && bytes[2] == bytes[0] && memcmp(same, payload, bytes[0]) == 0;
  expect(equal, "another way, another payload", job->width, job->height, job->effort);
  u8 *small = encode_job(job, &short_of, wide, pitch, &bytes[3]);
  equal = small == NULL || (bytes[3] == bytes[0] && memcmp(small, payload, bytes[0]) == 0);
  expect(equal, "short of memory, another payload", job->width, job->height, job->effort);
  free(payload);
  free(same);
  free(small);
  free(wide);
}

#endif
