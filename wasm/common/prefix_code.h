// Huffman's codes of least redundancy: how long the code of each symbol is, with a limit to the longest.
#ifndef PREFIX_CODE_H
#define PREFIX_CODE_H

#include "kernel.h"

// The largest alphabet, where a kernel has not said that its own is larger.
#ifndef MOST_SYMBOLS
#define MOST_SYMBOLS 288
#endif

// Codes may be this long before they are limited: with 32-bit counts a tree is not deeper.
enum { DEEPEST = 64 };

// Sorts ascending, by shell sort: for some hundred keys.
static void sort_keys(u64 *keys, u32 n) {
  static const u8 gaps[] = {132, 57, 23, 10, 4, 1};
  for (u32 g = 0; g < sizeof gaps; g++)
    for (u32 gap = gaps[g], i = gap; i < n; i++) {
      u64 key = keys[i];
      u32 j = i;
      for (; j >= gap && keys[j - gap] > key; j -= gap) keys[j] = keys[j - gap];
      keys[j] = key;
    }
}

// How many of the codes of n >= 2 symbols have which length. The weights are in ascending order, in the bits of the
// keys above the lowest 16. Merged nodes come out in ascending order too, so two queues do instead of a heap.
static void code_depths(const u64 *keys, u32 n, u32 depths[DEEPEST + 1]) {
  static u64 weight[2 * MOST_SYMBOLS];
  static u16 parent[2 * MOST_SYMBOLS];
  static u8 depth[2 * MOST_SYMBOLS];
  for (u32 i = 0; i < n; i++) weight[i] = keys[i] >> 16;
  u32 leaf = 0, merged = n, root = 2 * n - 2;
  for (u32 next = n; next <= root; next++) {
    weight[next] = 0;
    for (u32 i = 0; i < 2; i++) {
      u32 smallest = leaf < n && (merged == next || weight[leaf] <= weight[merged]) ? leaf++ : merged++;
      weight[next] += weight[smallest];
      parent[smallest] = (u16)next;
    }
  }
  for (u32 i = 0; i <= DEEPEST; i++) depths[i] = 0;
  depth[root] = 0;
  for (u32 i = root; i-- > 0;) {
    depth[i] = (u8)(depth[parent[i]] + 1);
    if (i < n) depths[depth[i]]++;
  }
}

// ITU-T T.81, figure K.3: codes of more than `longest` bits are shortened at the cost of others.
static void limit_depths(u32 depths[DEEPEST + 1], u32 longest) {
  for (u32 i = DEEPEST; i > longest;) {
    if (depths[i] == 0) {
      i--;
      continue;
    }
    u32 j = i - 2;
    while (depths[j] == 0) j--;
    depths[i] -= 2;
    depths[i - 1]++;
    depths[j + 1] += 2;
    depths[j]--;
  }
}

#endif
