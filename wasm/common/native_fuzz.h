// Pixels for fuzzers of kernels whose input is rows.
#ifndef NATIVE_FUZZ_H
#define NATIVE_FUZZ_H

#include "native_test.h"

// Pixels without padding: `data` over and over, noise, black and white, or data that grows, by the lowest bits of `kind`; its others are a seed.
static u8 *pixels_of(u32 kind, const u8 *data, size_t size, size_t bytes) {
  u8 *pixels = exactly(bytes);
  noise_state = kind << 8 | 1;
  for (size_t i = 0; i < bytes; i++) {
    u8 byte = size > 0 ? data[i % size] : 0;
    u32 way = kind & 3;
    pixels[i] = way == 0 ? byte : way == 1 ? (u8)noise() : way == 2 ? (u8)(noise() & 1 ? 255 : 0) : (u8)(byte + i / 3);
  }
  return pixels;
}

// The same with `padding` bytes behind each row of `row` bytes but the last.
static u8 *padded(const u8 *pixels, u32 row, u32 height, u32 padding) {
  size_t pitch = (size_t)row + padding, bytes = pitch * (height - 1) + row;
  u8 *wide = exactly(bytes);
  memset(wide, 0x5a, bytes);
  for (u32 y = 0; y < height; y++) memcpy(wide + pitch * y, pixels + (size_t)y * row, row);
  return wide;
}

#endif
