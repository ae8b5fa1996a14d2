// The memory behind the static data of a module, from heap_start() on. Natively it is a block that a test gives,
// of which only what was reserved may be touched: the rest is poisoned for AddressSanitizer.
#ifndef HEAP_H
#define HEAP_H

#include "kernel.h"

#ifdef __wasm__

extern u8 __heap_base;
enum { PAGE = 65536 };

static u8 *heap_start(void) { return (u8 *)(((size_t)&__heap_base + 63) & ~(size_t)63); }

// Makes the memory reach to the address `end`. False where the host refuses.
static bool heap_reserve(u64 end) {
  u64 pages = (end + PAGE - 1) / PAGE, have = __builtin_wasm_memory_size(0);
  return pages <= have || __builtin_wasm_memory_grow(0, (size_t)(pages - have)) != (size_t)-1;
}

#else

#include <sanitizer/asan_interface.h>

static u8 *native_heap;
static size_t native_heap_bytes, native_heap_space;

// `start`: 64-byte aligned, the first of `space` bytes, of which a kernel may have `bytes`.
static inline void native_heap_give(u8 *start, size_t bytes, size_t space) {
  native_heap = start;
  native_heap_bytes = bytes;
  native_heap_space = space;
  ASAN_POISON_MEMORY_REGION(start, space);
}
// Before `start` is freed.
static inline void native_heap_take(void) { ASAN_UNPOISON_MEMORY_REGION(native_heap, native_heap_space); }

static u8 *heap_start(void) { return native_heap; }

static bool heap_reserve(u64 end) {
  if (end > (size_t)native_heap + native_heap_bytes) return false;
  ASAN_UNPOISON_MEMORY_REGION(native_heap, (size_t)end - (size_t)native_heap);
  return true;
}

#endif
#endif
