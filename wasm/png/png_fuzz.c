// A target for libFuzzer: what the kernel is told and the pixels are made of the input.

#include "png_host.h"

int LLVMFuzzerTestOneInput(const u8 *data, size_t size) {
  if (size < 8) return 0;
  const u8 depths[] = {0, 1, 2, 4, 8, 16};
  struct job job = {
      .width = 1 + data[0] % 100 * (data[7] & 1 ? 37 : 1),
      .height = 1 + data[1] % 100,
      .format = data[2] % PIXEL_FORMATS,
      .level = data[3] % 10,
      .filter = data[4] % (AUTO + 1),
      .flags = data[5] % 8,
      .padding = data[6] % 5,
  };
  u32 depth = depths[data[7] % 6];
  job.depth = depth_possible(job.format, depth, job.flags) ? depth : 0;
  size_t bytes = job_bytes(&job);
  u8 *pixels = exactly(bytes);
  u32 kind = data[7] >> 6;
  noise_state = (u32)data[6] << 8 | 1;
  for (size_t i = 0; i < bytes; i++) {
    u8 byte = size > 8 ? data[8 + i % (size - 8)] : 0;
    pixels[i] = kind == 1 ? (u8)(byte + i / 3) : kind == 2 ? (u8)noise() : kind == 3 ? byte ^ (noise() & 1) : byte;
  }
  for (u32 i = 0; i < sizeof palette; i++) palette[i] = data[i % size];
  test_image(&job, pixels, job_heap(&job));
  free(pixels);
  return 0;
}
