// The first partition: what is said of the frame (RFC 6386 section 9) and of each macroblock (sections 10 and 11).
#ifndef HEADER_H
#define HEADER_H

#include "tokens.h"

// Uncompressed data at the start of the frame, section 9.1.
enum { FRAME_TAG_BYTES = 10, MAX_FIRST_PARTITION = (1 << 19) - 1, MAX_PARTITION = (1 << 24) - 1, MAX_PARTITIONS = 8 };

static const u8 luma_mode_probabilities[4] = {145, 156, 163, 128}, chroma_mode_probabilities[3] = {142, 114, 183};

// What of the frame is in its header.
struct frame {
  u32 width, height;
  u32 segments;                       // 1: no segments
  u8 segment_probabilities[3];
  u32 index, filter;                  // of all, where there are no segments
  u32 partitions_log2;
  i32 luma_dc_delta, luma_dc_ac_delta, luma_dc_dc_delta, chroma_dc_delta, chroma_ac_delta;
  bool skips;
  u8 skip_probability;
};

static u8 *put_frame_tag(u8 *to, const struct frame *frame, u32 first_partition) {
  // A key frame of version 0, shown.
  u32 tag = 1u << 4 | first_partition << 5;
  static const u8 start[] = {0x9d, 0x01, 0x2a};
  for (u32 i = 0; i < 3; i++) {
    to[i] = (u8)(tag >> 8 * i);
    to[3 + i] = start[i];
  }
  store16(to + 6, (u16)frame->width);
  store16(to + 8, (u16)frame->height);
  return to + FRAME_TAG_BYTES;
}

COLD static void put_frame_header(struct coder *c, const struct frame *frame, const struct segment *segments) {
  put_literal(c, 0, 1);  // colour space: YUV
  put_literal(c, 0, 1);  // samples are to be clamped
  put_literal(c, frame->segments > 1, 1);
  if (frame->segments > 1) {
    put_literal(c, 1, 1);  // with a map
    put_literal(c, 1, 1);  // and data
    put_literal(c, 1, 1);  // that are no differences
    for (u32 i = 0; i < SEGMENTS; i++) put_optional(c, (i32)segments[i].index, 7);
    for (u32 i = 0; i < SEGMENTS; i++) put_optional(c, (i32)segments[i].filter, 6);
    for (u32 i = 0; i < 3; i++) {
      put_literal(c, frame->segment_probabilities[i] != 255, 1);
      if (frame->segment_probabilities[i] != 255) put_literal(c, frame->segment_probabilities[i], 8);
    }
  }
  put_literal(c, 0, 1);  // the normal loop filter
  put_literal(c, frame->filter, 6);
  put_literal(c, 0, 3);  // no sharpness, which would keep more of the differences near edges
  put_literal(c, 0, 1);  // no adjustments of it
  put_literal(c, frame->partitions_log2, 2);
  put_literal(c, frame->index, 7);
  put_optional(c, frame->luma_dc_delta, 4);
  put_optional(c, frame->luma_dc_dc_delta, 4);
  put_optional(c, frame->luma_dc_ac_delta, 4);
  put_optional(c, frame->chroma_dc_delta, 4);
  put_optional(c, frame->chroma_ac_delta, 4);
  put_literal(c, 0, 1);  // probabilities are of this frame alone
  const u8 *p = &probabilities[0][0][0][0];
  for (u32 i = 0; i < sizeof probabilities; i++) {
    put_bit(c, p[i] != default_probabilities[i], update_probabilities[i]);
    if (p[i] != default_probabilities[i]) put_literal(c, p[i], 8);
  }
  put_literal(c, frame->skips, 1);
  if (frame->skips) put_literal(c, frame->skip_probability, 8);
}

// ---- modes --------------------------------------------------------------------------------------

// The trees as paths: for each mode the number of bits, these, and the places whose probabilities they have.
struct path { u8 length, bits[MODE_TREE], places[MODE_TREE]; };

static const struct path block_mode_paths[BLOCK_MODES] = {
    [DC_PRED] = {1, {0}, {0}},
    [TM_PRED] = {2, {1, 0}, {0, 1}},
    [V_PRED] = {3, {1, 1, 0}, {0, 1, 2}},
    [H_PRED] = {5, {1, 1, 1, 0, 0}, {0, 1, 2, 3, 4}},
    [RD_PRED] = {6, {1, 1, 1, 0, 1, 0}, {0, 1, 2, 3, 4, 5}},
    [VR_PRED] = {6, {1, 1, 1, 0, 1, 1}, {0, 1, 2, 3, 4, 5}},
    [LD_PRED] = {5, {1, 1, 1, 1, 0}, {0, 1, 2, 3, 6}},
    [VL_PRED] = {6, {1, 1, 1, 1, 1, 0}, {0, 1, 2, 3, 6, 7}},
    [HD_PRED] = {7, {1, 1, 1, 1, 1, 1, 0}, {0, 1, 2, 3, 6, 7, 8}},
    [HU_PRED] = {7, {1, 1, 1, 1, 1, 1, 1}, {0, 1, 2, 3, 6, 7, 8}},
};
static const struct path luma_mode_paths[WHOLE_MODES + 1] = {
    [DC_PRED] = {3, {1, 0, 0}, {0, 1, 2}}, [V_PRED] = {3, {1, 0, 1}, {0, 1, 2}}, [H_PRED] = {3, {1, 1, 0}, {0, 1, 3}},
    [TM_PRED] = {3, {1, 1, 1}, {0, 1, 3}}, [BY_BLOCKS] = {1, {0}, {0}},
};
static const struct path chroma_mode_paths[WHOLE_MODES] = {
    [DC_PRED] = {1, {0}, {0}}, [V_PRED] = {2, {1, 0}, {0, 1}}, [H_PRED] = {3, {1, 1, 0}, {0, 1, 2}}, [TM_PRED] = {3, {1, 1, 1}, {0, 1, 2}},
};

INLINE void put_path(struct coder *c, const struct path *path, const u8 *by) {
  for (u32 i = 0; i < path->length; i++) put_bit(c, path->bits[i], by[path->places[i]]);
}
static u32 path_cost(const struct path *path, const u8 *by) {
  u32 cost = 0;
  for (u32 i = 0; i < path->length; i++) cost += bit_cost(path->bits[i], by[path->places[i]]);
  return cost;
}

INLINE const u8 *block_mode_by(u32 above, u32 left) { return mode_probabilities + (above * BLOCK_MODES + left) * MODE_TREE; }

static u16 block_mode_costs[BLOCK_MODES][BLOCK_MODES][BLOCK_MODES];  // by the modes above and to the left
static u16 luma_mode_costs[WHOLE_MODES + 1], chroma_mode_costs[WHOLE_MODES];

COLD static void mode_costs_prepare(void) {
  for (u32 above = 0; above < BLOCK_MODES; above++)
    for (u32 left = 0; left < BLOCK_MODES; left++)
      for (u32 mode = 0; mode < BLOCK_MODES; mode++)
        block_mode_costs[above][left][mode] = (u16)path_cost(&block_mode_paths[mode], block_mode_by(above, left));
  for (u32 mode = 0; mode <= WHOLE_MODES; mode++) luma_mode_costs[mode] = (u16)path_cost(&luma_mode_paths[mode], luma_mode_probabilities);
  for (u32 mode = 0; mode < WHOLE_MODES; mode++) chroma_mode_costs[mode] = (u16)path_cost(&chroma_mode_paths[mode], chroma_mode_probabilities);
}

// Beyond the frame the modes are DC_PRED: `left` and `above` are NULL there.
static u32 mode_above(const struct macroblock *mb, const struct macroblock *above, u32 block) {
  return block >= 4 ? mb->modes[block - 4] : above == NULL ? DC_PRED : above->modes[block + 12];
}
static u32 mode_left(const struct macroblock *mb, const struct macroblock *left, u32 block) {
  return block & 3 ? mb->modes[block - 1] : left == NULL ? DC_PRED : left->modes[block + 3];
}

NOINLINE void put_modes(struct coder *coder, const struct frame *frame, const struct macroblock *mb, const struct macroblock *left,
                        const struct macroblock *above) {
  struct coder here = *coder, *c = &here;
  if (frame->segments > 1) {
    put_bit(c, mb->segment >> 1, frame->segment_probabilities[0]);
    put_bit(c, mb->segment & 1, frame->segment_probabilities[1 + (mb->segment >> 1)]);
  }
  if (frame->skips) put_bit(c, mb->skip, frame->skip_probability);
  put_path(c, &luma_mode_paths[mb->mode], luma_mode_probabilities);
  if (mb->mode == BY_BLOCKS)
    for (u32 block = 0; block < LUMA_BLOCKS; block++)
      put_path(c, &block_mode_paths[mb->modes[block]], block_mode_by(mode_above(mb, above, block), mode_left(mb, left, block)));
  put_path(c, &chroma_mode_paths[mb->chroma_mode], chroma_mode_probabilities);
  *coder = here;
}

#endif
