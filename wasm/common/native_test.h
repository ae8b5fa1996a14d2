// For the C tests and fuzzers of kernels, which run natively under the sanitizers.
#ifndef NATIVE_TEST_H
#define NATIVE_TEST_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kernel.h"

static u32 noise_state = 1;

// xorshift32
static u32 noise(void) {
  noise_state ^= noise_state << 13;
  noise_state ^= noise_state >> 17;
  noise_state ^= noise_state << 5;
  return noise_state;
}

static void expect(bool holds, const char *what, u32 a, u32 b, u32 c) {
  if (holds) return;
  fprintf(stderr, "%s: %u %u %u\n", what, a, b, c);
  abort();
}

// Memory that ends where it ends: AddressSanitizer sees the byte behind it.
static inline void *exactly(size_t bytes) {
  void *memory = malloc(bytes);
  if (bytes > 0 && memory == NULL) exit(2);
  return memory;
}

#endif
