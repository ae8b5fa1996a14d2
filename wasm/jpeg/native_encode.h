// Whole images through the kernel natively, for its tests and its fuzzer.
#ifndef NATIVE_ENCODE_H
#define NATIVE_ENCODE_H

#include "common/native_test.h"

#include "jpeg.c"

static const u8 formats[] = {GRAY8, RGB8, RGBA8, BGR8, BGRA8, ARGB8, RGBX8, BGRX8};
enum { FORMATS = sizeof formats };

struct job { u32 width, height, format, subsampling, flags, restart_rows, quality, padding; };

// How it goes through.
struct route {
  size_t heap_bytes;     // the memory that there is
  size_t memory_limit;   // and that it may have
  u8 before;             // what the memory held before
  u32 strips;            // 0: as large as may be; otherwise a seed for the rows of each
  u32 stop;              // the row at which the image is given up
  const u8 *quantizers;  // 128 steps, NULL: those of the quality
};

static u32 rows_of_strip(u32 seed, u32 most, u32 mcu_height) {
  u32 count = min_u32(most / mcu_height, 3);
  return seed == 0 || count < 2 ? most : mcu_height * (1 + (seed >> 16) % count);
}

static u8 *take_output(u8 *file, size_t *bytes) {
  u32 n = jpeg_output_bytes();
  expect(n <= OUTPUT_BYTES, "output beyond", n, 0, 0);
  file = realloc(file, *bytes + n + 1);
  memcpy(file + *bytes, jpeg_output(), n);
  *bytes += n;
  return file;
}

// The memory for an image, to be freed after native_heap_take.
static u8 *give_heap(const struct route *route) {
  // Memory grows to multiples of GROWTH_BYTES: so what fits does not depend on where the heap happens to lie.
  size_t space = (route->heap_bytes + GROWTH_BYTES - 1) & ~(size_t)(GROWTH_BYTES - 1);
  u8 *heap = aligned_alloc(GROWTH_BYTES, space);
  memset(heap, route->before, route->heap_bytes);
  native_heap_give(heap, route->heap_bytes, space);
  return heap;
}

static u32 begin(const struct job *job, const struct route *route, u32 pitch) {
  jpeg_quality(job->quality);
  if (route->quantizers != NULL) memcpy(jpeg_quantizers(), route->quantizers, 2 * BLOCK);
  return jpeg_begin(job->width, job->height, job->format, job->subsampling, job->flags, job->restart_rows, pitch,
                    (u32)route->memory_limit);
}

// Hands over the rows from y up to `end`, and adds what comes of them to the file.
static u32 feed(const struct job *job, u32 seed, const u8 *pixels, u32 pitch, u32 y, u32 end, u8 **file, size_t *bytes) {
  u32 wish = WANT_ROWS, row = job->width * bytes_of(job->format), rows;
  for (; wish == WANT_ROWS && y < end; y += rows, seed *= 0x9e3779b1) {
    rows = min_u32(rows_of_strip(seed, jpeg_strip_rows(), image.mcu_height), end - y);
    memcpy(jpeg_input(), pixels + (size_t)y * pitch, (size_t)pitch * (rows - 1) + row);
    for (wish = jpeg_rows(rows); wish == WANT_DRAIN; wish = jpeg_resume()) *file = take_output(*file, bytes);
    if (wish == DONE) *file = take_output(*file, bytes);
    expect((wish == DONE) <= (y + rows == end), "done early", y, rows, end);
  }
  return wish;
}

// The file, from pixels `pitch` apart. NULL where the memory did not do or the image was given up.
static u8 *encode(const struct job *job, const struct route *route, const u8 *pixels, u32 pitch, size_t *bytes) {
  u8 *heap = give_heap(route);
  u8 *file = NULL;
  *bytes = 0;
  u32 end = min_u32(job->height, route->stop), wish = begin(job, route, pitch);
  // The last strip is one of the image also where it is given up.
  if (wish == WANT_ROWS && end < job->height) end -= end % image.mcu_height;
  if (wish == WANT_ROWS) wish = feed(job, route->strips, pixels, pitch, 0, end, &file, bytes);
  native_heap_take();
  free(heap);
  if (wish == DONE) return file;
  bool given_up = wish == WANT_ROWS && end < job->height;
  expect(given_up || wish == OVER_LIMIT || wish == NO_MEMORY, "wish", wish, job->width, job->height);
  free(file);
  return NULL;
}

// Markers that follow one another from SOI to EOI, and between them scans, in which every 0xff is stuffed or
// begins the restart marker whose turn it is.
static void check_file(const struct job *job, const u8 *file, size_t bytes) {
  u32 scans = 0, restart = 0;
  expect(bytes > 100 && file[0] == 0xff && file[1] == 0xd8, "no SOI", job->width, job->height, job->flags);
  size_t at = 2;
  for (;;) {
    expect(at + 2 <= bytes && file[at] == 0xff, "no marker", (u32)at, (u32)bytes, job->flags);
    u8 marker = file[at + 1];
    at += 2;
    if (marker == 0xd9) break;
    expect(at + 2 <= bytes, "no length", (u32)at, (u32)bytes, marker);
    at += (size_t)(file[at] << 8 | file[at + 1]);
    if (marker != 0xda) continue;
    scans++;
    restart = 0;
    for (;; at++) {
      expect(at + 2 <= bytes, "scan beyond the end", (u32)at, (u32)bytes, scans);
      if (file[at] != 0xff || file[at + 1] == 0) continue;
      if (file[at + 1] < 0xd0 || file[at + 1] > 0xd7) break;
      expect(file[at + 1] == 0xd0 + (restart & 7), "restart marker", (u32)at, restart, scans);
      restart++;
    }
  }
  expect(at == bytes, "bytes behind EOI", (u32)at, (u32)bytes, job->flags);
  u32 expected = !(job->flags & PROGRESSIVE) ? 1 : image.components == 1 ? GRAY_SCANS : COLOR_SCANS;
  expect(scans == expected, "scans", scans, expected, job->flags);
}

#endif
