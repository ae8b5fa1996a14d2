// Logarithms in whole numbers, for what codes cost.
#ifndef LOG2_H
#define LOG2_H

#include "kernel.h"

// log2(n) in 1/256. A parabola between powers of 2 is at most 0.008 off.
INLINE u32 log2_fine(u32 n) {
  u32 whole = 31 - (u32)__builtin_clz(n | 1), fraction = (u32)(((u64)n << 8 >> whole) & 255);
  return whole * 256 + fraction + (fraction * (256 - fraction) * 88 >> 16);
}

#endif
