// Every vector operation that the kernels use, by the lanes it works on: u8x16_add_sat is sixteen bytes,
// u16x8_mul eight 16-bit lanes. 128 bits, lane 0 at the lowest address. On WASM an operation is one
// instruction (where not noted); elsewhere it is plain C over vector extensions, so that the same sources run
// under the sanitizers. Not meant to be fast there.
//
// Lanes are unsigned and wrap, unless the name says i. A cast between the types is a reinterpretation and
// costs nothing.
#ifndef SIMD_H
#define SIMD_H

#include "kernel.h"

#ifdef __wasm_simd128__
#include <wasm_simd128.h>
#endif

typedef u8 u8x16 __attribute__((vector_size(16)));
typedef u16 u16x8 __attribute__((vector_size(16)));
typedef u32 u32x4 __attribute__((vector_size(16)));
typedef u64 u64x2 __attribute__((vector_size(16)));
typedef i16 i16x8 __attribute__((vector_size(16)));
typedef i32 i32x4 __attribute__((vector_size(16)));

// ---- Operations that the vector extensions spell the same everywhere ----------------------------

// Reads exactly 16 bytes, at any alignment.
INLINE u8x16 u8x16_load(const void *p) { u8x16 v; __builtin_memcpy(&v, p, 16); return v; }
// Writes exactly 16 bytes, at any alignment.
INLINE void u8x16_store(void *p, u8x16 v) { __builtin_memcpy(p, &v, 16); }

INLINE u8x16 u8x16_splat(u8 x) { return (u8x16){x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x}; }
INLINE u16x8 u16x8_splat(u16 x) { return (u16x8){x, x, x, x, x, x, x, x}; }
INLINE u32x4 u32x4_splat(u32 x) { return (u32x4){x, x, x, x}; }
INLINE u32x4 u32x4_of(u32 a, u32 b, u32 c, u32 d) { return (u32x4){a, b, c, d}; }
INLINE u64x2 u64x2_splat(u64 x) { return (u64x2){x, x}; }

INLINE u8x16 u8x16_and(u8x16 a, u8x16 b) { return a & b; }
INLINE u8x16 u8x16_or(u8x16 a, u8x16 b) { return a | b; }
INLINE u8x16 u8x16_xor(u8x16 a, u8x16 b) { return a ^ b; }
INLINE u8x16 u8x16_not(u8x16 a) { return ~a; }

INLINE u8x16 u8x16_add(u8x16 a, u8x16 b) { return a + b; }
INLINE u8x16 u8x16_sub(u8x16 a, u8x16 b) { return a - b; }
// The bits of a where those of mask are set, of b where not.
INLINE u8x16 u8x16_select(u8x16 mask, u8x16 a, u8x16 b) { return (a & mask) | (b & ~mask); }

// All bits in the lanes where a < b.
INLINE u8x16 i32x4_less(u32x4 a, u32x4 b) { return (u8x16)((i32x4)a < (i32x4)b); }
// 0xff in the lanes that are equal, 0 in the others.
INLINE u8x16 u8x16_eq(u8x16 a, u8x16 b) { return (u8x16)(a == b); }

INLINE u16x8 u16x8_add(u16x8 a, u16x8 b) { return a + b; }
INLINE u16x8 u16x8_sub(u16x8 a, u16x8 b) { return a - b; }
INLINE u16x8 u16x8_shr(u16x8 a, int bits) { return a >> bits; }
INLINE u16x8 u16x8_shl(u16x8 a, int bits) { return a << bits; }

INLINE u32x4 u32x4_load(const void *p) { u32x4 v; __builtin_memcpy(&v, p, 16); return v; }
INLINE void u32x4_store(void *p, u32x4 v) { __builtin_memcpy(p, &v, 16); }
INLINE u32x4 u32x4_add(u32x4 a, u32x4 b) { return a + b; }
INLINE u32x4 u32x4_sub(u32x4 a, u32x4 b) { return a - b; }
INLINE u32x4 u32x4_mul(u32x4 a, u32x4 b) { return a * b; }
INLINE u32x4 u32x4_shr(u32x4 a, int bits) { return a >> bits; }
INLINE u32x4 u32x4_shl(u32x4 a, int bits) { return a << bits; }
INLINE u32x4 u32x4_and(u32x4 a, u32x4 b) { return a & b; }
// All bits in the lanes that are equal.
INLINE u8x16 u32x4_eq(u32x4 a, u32x4 b) { return (u8x16)(a == b); }
INLINE u64x2 u64x2_or(u64x2 a, u64x2 b) { return a | b; }

INLINE i16x8 i16x8_load(const void *p) { i16x8 v; __builtin_memcpy(&v, p, 16); return v; }
INLINE void i16x8_store(void *p, i16x8 v) { __builtin_memcpy(p, &v, 16); }
INLINE i16x8 i16x8_splat(i16 x) { return (i16x8){x, x, x, x, x, x, x, x}; }
// a in the even lanes, b in the odd ones: the second operand of i32x4_dot.
INLINE i16x8 i16x8_pairs(i16 a, i16 b) { return (i16x8){a, b, a, b, a, b, a, b}; }
INLINE i16x8 i16x8_add(i16x8 a, i16x8 b) { return (i16x8)((u16x8)a + (u16x8)b); }
INLINE i16x8 i16x8_sub(i16x8 a, i16x8 b) { return (i16x8)((u16x8)a - (u16x8)b); }
INLINE i16x8 i16x8_mul(i16x8 a, i16x8 b) { return (i16x8)((u16x8)a * (u16x8)b); }
INLINE i16x8 i16x8_and(i16x8 a, i16x8 b) { return a & b; }
INLINE i16x8 i16x8_or(i16x8 a, i16x8 b) { return a | b; }
INLINE i16x8 i16x8_xor(i16x8 a, i16x8 b) { return a ^ b; }
// The bits of a that are not set in b.
INLINE i16x8 i16x8_without(i16x8 a, i16x8 b) { return a & ~b; }
// All bits in the lanes that are equal.
INLINE i16x8 i16x8_eq(i16x8 a, i16x8 b) { return (i16x8)(a == b); }
INLINE i16x8 i16x8_shl(i16x8 a, int bits) { return (i16x8)((u16x8)a << bits); }
// Arithmetic shifts: the sign is kept, the result is rounded down.
INLINE i16x8 i16x8_shr(i16x8 a, int bits) { return a >> bits; }
INLINE u32x4 i32x4_shr(u32x4 a, int bits) { return (u32x4)((i32x4)a >> bits); }

// Lanes of a (0 to 15) and b (16 to 31) in the order of sixteen constants.
#define u8x16_shuffle(a, b, ...) ((u8x16)__builtin_shufflevector((u8x16)(a), (u8x16)(b), __VA_ARGS__))
// Lanes of a (0 to 7) and b (8 to 15) in the order of eight constants.
#define i16x8_shuffle(a, b, ...) ((i16x8)__builtin_shufflevector((i16x8)(a), (i16x8)(b), __VA_ARGS__))
// Lanes of a (0 and 1) and b (2 and 3) in the order of two constants.
#define u64x2_shuffle(a, b, ...) ((u64x2)__builtin_shufflevector((u64x2)(a), (u64x2)(b), __VA_ARGS__))
// Lanes of a (0 to 3) and b (4 to 7) in the order of four constants.
#define u32x4_shuffle(a, b, ...) ((u32x4)__builtin_shufflevector((u32x4)(a), (u32x4)(b), __VA_ARGS__))

// ---- Operations that need the instruction by name on WASM ---------------------------------------

#ifdef __wasm_simd128__

INLINE u8x16 u8x16_add_sat(u8x16 a, u8x16 b) { return (u8x16)wasm_u8x16_add_sat((v128_t)a, (v128_t)b); }
INLINE u16x8 u16x8_add_sat(u16x8 a, u16x8 b) { return (u16x8)wasm_u16x8_add_sat((v128_t)a, (v128_t)b); }
INLINE u8x16 u8x16_sub_sat(u8x16 a, u8x16 b) { return (u8x16)wasm_u8x16_sub_sat((v128_t)a, (v128_t)b); }
INLINE u8x16 u8x16_min(u8x16 a, u8x16 b) { return (u8x16)wasm_u8x16_min((v128_t)a, (v128_t)b); }
INLINE u8x16 u8x16_max(u8x16 a, u8x16 b) { return (u8x16)wasm_u8x16_max((v128_t)a, (v128_t)b); }
// (a + b + 1) / 2, rounded down.
INLINE u8x16 u8x16_average(u8x16 a, u8x16 b) { return (u8x16)wasm_u8x16_avgr((v128_t)a, (v128_t)b); }

// a0+a1, a2+a3 ... : u8x16 -> u16x8, u16x8 -> u32x4.
INLINE u16x8 u16x8_add_pairs(u8x16 a) { return (u16x8)wasm_u16x8_extadd_pairwise_u8x16((v128_t)a); }
INLINE u32x4 u32x4_add_pairs(u16x8 a) { return (u32x4)wasm_u32x4_extadd_pairwise_u16x8((v128_t)a); }

// Whether every lane is other than 0.
INLINE bool u8x16_all_true(u8x16 a) { return wasm_i8x16_all_true((v128_t)a); }
// Whether any bit is set.
INLINE bool u8x16_any_true(u8x16 a) { return wasm_v128_any_true((v128_t)a); }
// Bit i is the highest bit of lane i.
INLINE u32 u8x16_bitmask(u8x16 a) { return wasm_i8x16_bitmask((v128_t)a); }
INLINE u32 u32x4_bitmask(u32x4 a) { return wasm_i32x4_bitmask((v128_t)a); }

// u8x8 -> u16x8, of lanes 0 to 7 and 8 to 15.
INLINE u16x8 u16x8_extend_low(u8x16 a) { return (u16x8)wasm_u16x8_extend_low_u8x16((v128_t)a); }
INLINE u16x8 u16x8_extend_high(u8x16 a) { return (u16x8)wasm_u16x8_extend_high_u8x16((v128_t)a); }
// u16x4 -> u32x4, of lanes 0 to 3 and 4 to 7.
INLINE u32x4 u32x4_extend_low(u16x8 a) { return (u32x4)wasm_u32x4_extend_low_u16x8((v128_t)a); }
INLINE u32x4 u32x4_extend_high(u16x8 a) { return (u32x4)wasm_u32x4_extend_high_u16x8((v128_t)a); }

// u8x8 * u8x8 -> u16x8, of lanes 0 to 7 and 8 to 15.
INLINE u16x8 u16x8_extmul_low(u8x16 a, u8x16 b) { return (u16x8)wasm_u16x8_extmul_low_u8x16((v128_t)a, (v128_t)b); }
INLINE u16x8 u16x8_extmul_high(u8x16 a, u8x16 b) { return (u16x8)wasm_u16x8_extmul_high_u8x16((v128_t)a, (v128_t)b); }
// u16x4 * u16x4 -> u32x4, of lanes 0 to 3 and 4 to 7.
INLINE u32x4 u32x4_extmul_low(u16x8 a, u16x8 b) { return (u32x4)wasm_u32x4_extmul_low_u16x8((v128_t)a, (v128_t)b); }
INLINE u32x4 u32x4_extmul_high(u16x8 a, u16x8 b) { return (u32x4)wasm_u32x4_extmul_high_u16x8((v128_t)a, (v128_t)b); }

// Two u16x8 -> u8x16. Lanes are read as signed and clamped to 0 to 255.
INLINE u8x16 u8x16_narrow(u16x8 a, u16x8 b) { return (u8x16)wasm_u8x16_narrow_i16x8((v128_t)a, (v128_t)b); }
// Two u32x4 -> u16x8. Lanes are read as signed and clamped to 0 to 65535.
INLINE u16x8 u16x8_narrow(u32x4 a, u32x4 b) { return (u16x8)wasm_u16x8_narrow_i32x4((v128_t)a, (v128_t)b); }

// a0*b0 + a1*b1, a2*b2 + a3*b3 ... : i16x8, i16x8 -> i32x4.
INLINE u32x4 i32x4_dot(i16x8 a, i16x8 b) { return (u32x4)wasm_i32x4_dot_i16x8((v128_t)a, (v128_t)b); }

// The lanes of a that b names; 0 where b is above 15.
INLINE u8x16 u8x16_swizzle(u8x16 a, u8x16 b) { return (u8x16)wasm_i8x16_swizzle((v128_t)a, (v128_t)b); }
INLINE i16x8 i16x8_abs(i16x8 a) { return (i16x8)wasm_i16x8_abs((v128_t)a); }
INLINE i16x8 i16x8_max(i16x8 a, i16x8 b) { return (i16x8)wasm_i16x8_max((v128_t)a, (v128_t)b); }
INLINE i16x8 i16x8_min(i16x8 a, i16x8 b) { return (i16x8)wasm_i16x8_min((v128_t)a, (v128_t)b); }
// i16x4 * i16x4 -> i32x4, of lanes 0 to 3 and 4 to 7.
INLINE u32x4 i32x4_extmul_low(i16x8 a, i16x8 b) { return (u32x4)wasm_i32x4_extmul_low_i16x8((v128_t)a, (v128_t)b); }
INLINE u32x4 i32x4_extmul_high(i16x8 a, i16x8 b) { return (u32x4)wasm_i32x4_extmul_high_i16x8((v128_t)a, (v128_t)b); }
// (a * b + 0x4000) >> 15, saturated.
INLINE i16x8 i16x8_q15mulr(i16x8 a, i16x8 b) { return (i16x8)wasm_i16x8_q15mulr_sat((v128_t)a, (v128_t)b); }
// Two i32x4 -> i16x8, saturated.
INLINE i16x8 i16x8_narrow(u32x4 a, u32x4 b) { return (i16x8)wasm_i16x8_narrow_i32x4((v128_t)a, (v128_t)b); }

#else

#define LANES(count) for (int i = 0; i < (count); i++)

INLINE u8x16 u8x16_add_sat(u8x16 a, u8x16 b) {
  u8x16 v;
  LANES(16) v[i] = (u8)min_u32((u32)a[i] + b[i], 255);
  return v;
}
INLINE u16x8 u16x8_add_sat(u16x8 a, u16x8 b) {
  u16x8 v;
  LANES(8) v[i] = (u16)min_u32((u32)a[i] + b[i], 65535);
  return v;
}
INLINE u8x16 u8x16_min(u8x16 a, u8x16 b) {
  u8x16 v;
  LANES(16) v[i] = a[i] < b[i] ? a[i] : b[i];
  return v;
}
INLINE u8x16 u8x16_sub_sat(u8x16 a, u8x16 b) {
  u8x16 v;
  LANES(16) v[i] = a[i] > b[i] ? a[i] - b[i] : 0;
  return v;
}
INLINE u8x16 u8x16_max(u8x16 a, u8x16 b) {
  u8x16 v;
  LANES(16) v[i] = a[i] > b[i] ? a[i] : b[i];
  return v;
}
INLINE u8x16 u8x16_average(u8x16 a, u8x16 b) {
  u8x16 v;
  LANES(16) v[i] = (u8)((a[i] + b[i] + 1) >> 1);
  return v;
}
INLINE u16x8 u16x8_add_pairs(u8x16 a) {
  u16x8 v;
  LANES(8) v[i] = (u16)(a[2 * i] + a[2 * i + 1]);
  return v;
}
INLINE u32x4 u32x4_add_pairs(u16x8 a) {
  u32x4 v;
  LANES(4) v[i] = (u32)a[2 * i] + a[2 * i + 1];
  return v;
}
INLINE bool u8x16_all_true(u8x16 a) {
  LANES(16) if (a[i] == 0) return false;
  return true;
}
INLINE bool u8x16_any_true(u8x16 a) {
  LANES(16) if (a[i] != 0) return true;
  return false;
}
INLINE u32 u8x16_bitmask(u8x16 a) {
  u32 mask = 0;
  LANES(16) mask |= (u32)(a[i] >> 7) << i;
  return mask;
}
INLINE u32 u32x4_bitmask(u32x4 a) {
  u32 mask = 0;
  LANES(4) mask |= a[i] >> 31 << i;
  return mask;
}
INLINE u16x8 u16x8_extend_low(u8x16 a) {
  u16x8 v;
  LANES(8) v[i] = a[i];
  return v;
}
INLINE u16x8 u16x8_extend_high(u8x16 a) {
  u16x8 v;
  LANES(8) v[i] = a[8 + i];
  return v;
}
INLINE u32x4 u32x4_extend_low(u16x8 a) {
  u32x4 v;
  LANES(4) v[i] = a[i];
  return v;
}
INLINE u32x4 u32x4_extend_high(u16x8 a) {
  u32x4 v;
  LANES(4) v[i] = a[4 + i];
  return v;
}
INLINE u16x8 u16x8_extmul_low(u8x16 a, u8x16 b) {
  u16x8 v;
  LANES(8) v[i] = (u16)(a[i] * b[i]);
  return v;
}
INLINE u16x8 u16x8_extmul_high(u8x16 a, u8x16 b) {
  u16x8 v;
  LANES(8) v[i] = (u16)(a[8 + i] * b[8 + i]);
  return v;
}
INLINE u32x4 u32x4_extmul_low(u16x8 a, u16x8 b) {
  u32x4 v;
  LANES(4) v[i] = (u32)a[i] * b[i];
  return v;
}
INLINE u32x4 u32x4_extmul_high(u16x8 a, u16x8 b) {
  u32x4 v;
  LANES(4) v[i] = (u32)a[4 + i] * b[4 + i];
  return v;
}
INLINE u8x16 u8x16_narrow(u16x8 a, u16x8 b) {
  u8x16 v;
  LANES(16) {
    i16 lane = (i16)(i < 8 ? a[i] : b[i - 8]);
    v[i] = lane < 0 ? 0 : lane > 255 ? 255 : (u8)lane;
  }
  return v;
}
INLINE u16x8 u16x8_narrow(u32x4 a, u32x4 b) {
  u16x8 v;
  LANES(8) {
    i32 lane = (i32)(i < 4 ? a[i] : b[i - 4]);
    v[i] = lane < 0 ? 0 : lane > 65535 ? 65535 : (u16)lane;
  }
  return v;
}
INLINE u32x4 i32x4_dot(i16x8 a, i16x8 b) {
  u32x4 v;
  LANES(4) v[i] = (u32)(a[2 * i] * b[2 * i]) + (u32)(a[2 * i + 1] * b[2 * i + 1]);
  return v;
}

INLINE u8x16 u8x16_swizzle(u8x16 a, u8x16 b) {
  u8x16 v;
  LANES(16) v[i] = b[i] < 16 ? a[b[i]] : 0;
  return v;
}
INLINE i16x8 i16x8_abs(i16x8 a) {
  i16x8 v;
  LANES(8) v[i] = (i16)(a[i] < 0 ? -a[i] : a[i]);
  return v;
}
INLINE i16x8 i16x8_max(i16x8 a, i16x8 b) {
  i16x8 v;
  LANES(8) v[i] = a[i] > b[i] ? a[i] : b[i];
  return v;
}
INLINE i16x8 i16x8_min(i16x8 a, i16x8 b) {
  i16x8 v;
  LANES(8) v[i] = a[i] < b[i] ? a[i] : b[i];
  return v;
}
INLINE u32x4 i32x4_extmul_low(i16x8 a, i16x8 b) {
  u32x4 v;
  LANES(4) v[i] = (u32)(a[i] * b[i]);
  return v;
}
INLINE u32x4 i32x4_extmul_high(i16x8 a, i16x8 b) {
  u32x4 v;
  LANES(4) v[i] = (u32)(a[4 + i] * b[4 + i]);
  return v;
}
INLINE i16x8 i16x8_q15mulr(i16x8 a, i16x8 b) {
  i16x8 v;
  LANES(8) {
    i32 lane = (a[i] * b[i] + 0x4000) >> 15;
    v[i] = (i16)(lane > 32767 ? 32767 : lane);
  }
  return v;
}
INLINE i16x8 i16x8_narrow(u32x4 a, u32x4 b) {
  i16x8 v;
  LANES(8) {
    i32 lane = (i32)(i < 4 ? a[i] : b[i - 4]);
    v[i] = (i16)(lane < -32768 ? -32768 : lane > 32767 ? 32767 : lane);
  }
  return v;
}

#undef LANES

#endif
#endif
