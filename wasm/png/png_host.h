// A host for the kernel as it runs natively, for its test and its fuzzer: memory of exact sizes, and images encoded in
// all the ways that must make no difference.
#ifndef PNG_HOST_H
#define PNG_HOST_H

#include "common/native_test.h"

#include "png.c"

struct job {
  u32 width, height, format, level, filter, depth, flags, padding;
};

static u32 job_pitch(const struct job *job) { return (u32)source_row(job->format, job->width) + job->padding; }
static size_t job_bytes(const struct job *job) {
  return (size_t)job_pitch(job) * (job->height - 1) + source_row(job->format, job->width);
}

// Shows or hands over the strip that begins at row y; nothing is copied where it is there already.
static u32 put_strip(const struct job *job, const u8 *pixels, u32 y, bool copy, u32 (*call)(u32)) {
  u32 pitch = job_pitch(job), rows = min_u32(png_strip_rows(), job->height - y);
  size_t row = source_row(job->format, job->width);
  if (copy) memcpy(png_input(), pixels + (size_t)y * pitch, (size_t)pitch * (rows - 1) + row);
  return call(rows);
}

// Memory for an image, to be freed after native_heap_take.
static u8 *give_heap(u8 before, size_t bytes) {
  bytes = (bytes + 63) & ~(size_t)63;
  u8 *heap = aligned_alloc(64, bytes);
  memset(heap, before, bytes);
  native_heap_give(heap, bytes, bytes);
  return heap;
}

static u32 begin_job(const struct job *job, size_t heap_bytes) {
  return png_begin(job->width, job->height, job->format, job->level, job->filter, job->depth, job->flags, job_pitch(job),
                   (u32)heap_bytes);
}

static u8 *take_parts(u32 *wish, u8 *file, size_t *bytes) {
  for (; *wish == WANT_DRAIN || *wish == DONE; *wish = png_resume()) {
    file = realloc(file, *bytes + png_output_bytes());
    memcpy(file + *bytes, png_output(), png_output_bytes());
    *bytes += png_output_bytes();
    if (*wish == DONE) break;
  }
  return file;
}

// The file; `before` is what the memory held before. NULL where the memory did not do or the image does not fit the depth.
static u8 *encode(const struct job *job, const u8 *pixels, u8 before, size_t *bytes, size_t heap_bytes) {
  u8 *heap = give_heap(before, heap_bytes);
  u32 wish = begin_job(job, heap_bytes);
  bool one = png_strip_rows() >= job->height, shown = wish == WANT_INSPECT;
  while (wish == WANT_INSPECT) wish = put_strip(job, pixels, png_wanted_row(), true, png_inspect);
  u8 *file = NULL;
  *bytes = 0;
  for (u32 y = 0; wish == WANT_ROWS && y < job->height; y += png_strip_rows()) {
    wish = put_strip(job, pixels, y, !(one && shown), png_rows);
    file = take_parts(&wish, file, bytes);
  }
  native_heap_take();
  free(heap);
  if (wish == DONE) return file;
  expect(wish == OVER_LIMIT || wish == NO_MEMORY || wish == MISFIT, "wish", wish, job->width, job->height);
  free(file);
  return NULL;
}

static u32 get_be32(const u8 *from) { return (u32)from[0] << 24 | (u32)from[1] << 16 | (u32)from[2] << 8 | from[3]; }

// Chunks are whole, their checksums right, in the order of section 5.6, and of types that go together.
static void check_file(const struct job *job, const u8 *file, size_t bytes) {
  expect(bytes > 57 && memcmp(file, "\x89PNG\r\n\x1a\n", 8) == 0, "signature", job->width, job->height, job->flags);
  const char *order[] = {"IHDR", "PLTE", "tRNS", "IDAT", "IEND"};
  size_t at = 8;
  u32 last = 0;
  for (bool first = true; at < bytes; first = false) {
    expect(bytes - at >= 12, "chunk", (u32)at, (u32)bytes, 0);
    u32 n = get_be32(file + at), type = last;
    expect(n <= bytes - at - 12, "length", n, (u32)at, (u32)bytes);
    while (type < 5 && memcmp(file + at + 4, order[type], 4) != 0) type++;
    expect(type < 5 && (first ? type == 0 : type > last || type == 3), "order", last, type, (u32)at);
    expect(get_be32(file + at + 8 + n) == crc32(0, file + at + 4, n + 4), "CRC", type, n, (u32)at);
    if (type == 3) expect(n > 0, "empty IDAT", (u32)at, 0, 0);
    last = type;
    at += 12 + n;
  }
  expect(last == 4, "end", last, 0, 0);
}

static void same_file(const struct job *job, const u8 *a, size_t a_bytes, const u8 *b, size_t b_bytes, const char *what) {
  bool same = (a == NULL) == (b == NULL) && a_bytes == b_bytes && (a == NULL || memcmp(a, b, a_bytes) == 0);
  expect(same, what, job->width, job->height, job->format << 8 | job->flags);
}

// Memory of before and the scalar routines make no difference. Whether there was a file.
static bool test_image(const struct job *job, const u8 *pixels, size_t heap) {
  size_t bytes[3];
  struct job scalar = *job;
  scalar.flags |= SCALAR;
  u8 *file = encode(job, pixels, 0x00, &bytes[0], heap);
  u8 *again = encode(job, pixels, 0xa5, &bytes[1], heap);
  u8 *twin = encode(&scalar, pixels, 0xff, &bytes[2], heap);
  same_file(job, file, bytes[0], again, bytes[1], "memory of before shows");
  same_file(job, file, bytes[0], twin, bytes[2], "SIMD and scalar differ");
  if (file != NULL) check_file(job, file, bytes[0]);
  bool done = file != NULL;
  free(file);
  free(again);
  free(twin);
  return done;
}

// What every image of this job can need.
static size_t job_heap(const struct job *job) {
  size_t rows = (size_t)job_pitch(job) + (size_t)job->width * 8, image = (size_t)job->width * job->height * 8;
  size_t strongest = job->level >= SMALLEST ? (size_t)smallest_bytes(job->width * 8) : 0;
  return TARGET_STRIP_BYTES + 4 * rows + (job->flags & INTERLACED ? image : 0) + strongest + 4096;
}

#endif
