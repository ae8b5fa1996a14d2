// What every kernel stands on, without a libc: integer types, exports, memory access at any alignment.
#ifndef KERNEL_H
#define KERNEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef uint8_t u8;
typedef uint16_t u16;
typedef uint32_t u32;
typedef uint64_t u64;
typedef int16_t i16;
typedef int32_t i32;
typedef int64_t i64;

// EXPORT marks what the host calls. A native build has no host; its tests call the function itself.
#ifdef __wasm__
#define EXPORT(name) __attribute__((export_name(#name)))
#else
#define EXPORT(name)
#endif

#define INLINE static inline __attribute__((always_inline))
// Called a few times an image: its size counts, not its time.
#define COLD __attribute__((noinline, minsize))
#define NOINLINE static __attribute__((noinline))

// Before a loop over the elements of an array that is to live in registers.
#define UNROLL _Pragma("clang loop unroll(full)")
// Before a short loop of many rounds, where a measurement says so.
#define UNROLL_BY_4 _Pragma("clang loop unroll_count(4)")

// Bulk copies become the instructions memory.copy and memory.fill (-mbulk-memory).
INLINE void copy_bytes(void *to, const void *from, size_t bytes) { __builtin_memcpy(to, from, bytes); }
INLINE void fill_bytes(void *to, u8 value, size_t bytes) { __builtin_memset(to, value, bytes); }

// Loads and stores at any alignment, in host order. WASM hosts are little-endian, and so are the native test
// machines.
INLINE u16 load16(const void *p) { u16 v; __builtin_memcpy(&v, p, 2); return v; }
INLINE u32 load32(const void *p) { u32 v; __builtin_memcpy(&v, p, 4); return v; }
INLINE u64 load64(const void *p) { u64 v; __builtin_memcpy(&v, p, 8); return v; }
INLINE void store16(void *p, u16 v) { __builtin_memcpy(p, &v, 2); }
INLINE void store32(void *p, u32 v) { __builtin_memcpy(p, &v, 4); }
INLINE void store64(void *p, u64 v) { __builtin_memcpy(p, &v, 8); }

INLINE u32 min_u32(u32 a, u32 b) { return a < b ? a : b; }

#endif
