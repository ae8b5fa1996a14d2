// All macroblocks, from samples to levels, and from these to the file.
#ifndef ENCODE_H
#define ENCODE_H

#include "run.h"

// How much coarser the steps of busier macroblocks are, in 1/256: at 256 in proportion to the root of their variance.
// With more macroblocks than MANY_MACROBLOCKS, nine bits for each are too much for the first partition.
enum { SEGMENT_STRENGTH = 32, LAMBDA = 51, MANY_MACROBLOCKS = MAX_FIRST_PARTITION * 8 / 9 };

COLD static void segment_prepare(struct segment *s, u32 index) {
  const struct frame *frame = &run.frame;
  u32 dc = dc_steps[index], ac = ac_steps[index];
  u32 dc_dc = dc_steps[index] * 2u, dc_ac = ac_steps[index] * 155u / 100;
  u32 chroma_dc = dc_steps[(u32)((i32)index + frame->chroma_dc_delta < 0 ? 0 : (i32)index + frame->chroma_dc_delta)];
  u32 chroma_index = (u32)((i32)index + frame->chroma_ac_delta < 0 ? 0 : (i32)index + frame->chroma_ac_delta);
  u32 chroma_ac = ac_steps[min_u32(chroma_index, STEPS - 1)];
  s->index = index;
  quantizer_set(&s->luma, dc, ac, 112, 110);
  quantizer_set(&s->luma_dc, dc_dc, dc_ac < 8 ? 8 : dc_ac, 108, 120);
  quantizer_set(&s->chroma, min_u32(chroma_dc, 132), chroma_ac, 128, 128);
  s->lambda = (ac * ac * LAMBDA) >> 6;
}

// Steps for the quality, and what macroblocks have which.
NOINLINE void prepare_segments(void) {
  struct frame *frame = &run.frame;
  u32 index = run.index, counts[SEGMENTS] = {0}, blocks = run.across * run.down;
  struct clusters clusters;
  find_clusters(&clusters, run.histogram);
  frame->chroma_dc_delta = -3;
  frame->index = scaled_index(index, 0, 0);
  for (u32 i = 0; i < SEGMENTS; i++) {
    u32 own = scaled_index(index, (i32)clusters.center[i] - (i32)clusters.middle, SEGMENT_STRENGTH);
    segment_prepare(&run.segments[i], own);
  }
  for (u32 i = 0; i < blocks; i++) {
    run.macroblocks[i].segment = clusters.of[run.activities[i]];
    counts[run.macroblocks[i].segment]++;
  }
  bool several = false;
  for (u32 i = 1; i < SEGMENTS; i++) several |= run.segments[i].index != run.segments[0].index && counts[i] > 0;
  several &= counts[0] < blocks && blocks <= MANY_MACROBLOCKS;
  frame->segments = several ? SEGMENTS : 1;
  if (!several) {
    // All are as the middle is.
    segment_prepare(&run.segments[0], frame->index);
    for (u32 i = 0; i < blocks; i++) run.macroblocks[i].segment = 0;
  }
  frame->segment_probabilities[0] = (u8)probability_of(counts[0] + counts[1], counts[2] + counts[3]);
  frame->segment_probabilities[1] = (u8)probability_of(counts[0], counts[1]);
  frame->segment_probabilities[2] = (u8)probability_of(counts[2], counts[3]);
}

// Whether the loop filter changes its inner edges, section 15.
static bool filtered_within(const struct macroblock *mb) { return !mb->skip || mb->mode == BY_BLOCKS; }

// Once it is known what is left of the image without the loop filter.
COLD static void choose_filters(void) {
  run.frame.filter = 0;
  for (u32 i = 0; i < run.frame.segments; i++) {
    struct segment *s = &run.segments[i];
    s->filter = strength_of((u32)s->luma.step[1], deblock_strength(i));
    if (s->filter > run.frame.filter) run.frame.filter = s->filter;
  }
}

// ---- borders ------------------------------------------------------------------------------------

// Of a plane at macroblock x, y; what is left of it is there already.
static void border_above(struct border *border, const u8 *above, u32 x, u32 y, u32 size) {
  border->has_above = y > 0;
  border->has_left = x > 0;
  if (y == 0) {
    fill_bytes(border->above, BEYOND_ABOVE, sizeof border->above);
    border->corner = BEYOND_ABOVE;
    return;
  }
  copy_bytes(border->above, above + x * size, size);
  if (x + 1 < run.across) copy_bytes(border->above + size, above + (x + 1) * size, 4);
  else fill_bytes(border->above + size, border->above[size - 1], 4);
}

// For the next macroblock of the row: what is left of it and at its corner, and of the next row.
static void border_keep(struct border *border, u8 *above, const u8 *rebuilt, u32 x, u32 size) {
  u32 across = size / 4;
  border->corner = border->above[size - 1];
  for (u32 i = 0; i < size; i++) border->left[i] = rebuilt[((i >> 2) * across + across - 1) * BLOCK + (i & 3) * 4 + 3];
  for (u32 i = 0; i < across; i++) store32(above + x * size + 4 * i, load32(rebuilt + ((across - 1) * across + i) * BLOCK + 12));
}

static void border_begin(struct border *border, u32 y) {
  fill_bytes(border->left, BEYOND_LEFT, sizeof border->left);
  border->corner = y == 0 ? BEYOND_ABOVE : BEYOND_LEFT;
}

// ---- what is shown, for tests -------------------------------------------------------------------

COLD static void show_macroblock(const u8 *rebuilt, u32 x, u32 y) {
  u32 pitch = run.across * 16;
  u8 *cb = run.shown + (size_t)pitch * run.down * 16, *cr = cb + (size_t)pitch * run.down * 4;
  for (u32 row = 0; row < 16; row++)
    for (u32 column = 0; column < 16; column++) {
      run.shown[(y * 16 + row) * (size_t)pitch + x * 16 + column] = rebuilt[luma_at(column, row)];
      if (row >= 8 || column >= 8) continue;
      size_t at = (y * 8 + row) * (size_t)(pitch / 2) + x * 8 + column;
      cb[at] = rebuilt[chroma_at(column, row)];
      cr[at] = rebuilt[chroma_at(column, row) + 4 * BLOCK];
    }
}

NOINLINE void filter_shown(void) {
  u32 pitch = run.across * 16;
  u8 *cb = run.shown + (size_t)pitch * run.down * 16, *cr = cb + (size_t)pitch * run.down * 4;
  for (u32 y = 0; y < run.down; y++)
    for (u32 x = 0; x < run.across; x++) {
      const struct macroblock *mb = &run.macroblocks[y * run.across + x];
      u32 level = run.segments[mb->segment].filter;
      if (level == 0) continue;
      bool within = filtered_within(mb);
      filter_plane(run.shown + (size_t)y * 16 * pitch + x * 16, pitch, 16, x, y, within, level);
      size_t at = (size_t)y * 8 * (pitch / 2) + x * 8;
      filter_plane(cb + at, pitch / 2, 8, x, y, within, level);
      filter_plane(cr + at, pitch / 2, 8, x, y, within, level);
    }
}

// ---- levels -------------------------------------------------------------------------------------

// Bits that modes of blocks may take, so that the first partition stays within what its size can say.
struct allowance { u64 each, used; };

static u32 mode_bits(const struct macroblock *mb) {
  u32 cost = chroma_mode_costs[mb->chroma_mode] + luma_mode_costs[mb->mode] + 3 * 256;
  if (mb->mode == BY_BLOCKS)
    for (u32 block = 0; block < LUMA_BLOCKS; block++)
      cost += block_mode_costs[mode_above(mb, now.above, block)][mode_left(mb, now.left, block)][mb->modes[block]];
  return cost;
}

NOINLINE void encode_row(u32 y, struct allowance *allowance) {
  static u8 both[2][SAMPLES] __attribute__((aligned(16)));
  border_begin(&now.luma, y);
  border_begin(&now.cb, y);
  border_begin(&now.cr, y);
  fill_bytes(now.left_lost, 0, sizeof now.left_lost);
  for (u32 x = 0; x < run.across; x++) {
    size_t at = (size_t)y * run.across + x;
    struct macroblock *mb = &run.macroblocks[at];
    u8 *rebuilt = both[x & 1];
    now.samples = run.samples + at * SAMPLES;
    now.above_lost = run.above_lost + x * 4;
    now.segment = &run.segments[mb->segment];
    now.left = x > 0 ? mb - 1 : NULL;
    now.above = y > 0 ? mb - run.across : NULL;
    now.left_filled = x > 0 ? now.left->filled : 0;
    now.above_filled = y > 0 ? now.above->filled : 0;
    // No modes take more than 16 times 12 bits, and a few.
    now.bare = (u64)run.across * run.down > MANY_MACROBLOCKS;
    now.no_blocks = now.bare || allowance->used + 200 * 256 > allowance->each * (at + 1) + ((u64)MAX_FIRST_PARTITION << 11) / 8;
    border_above(&now.luma, run.above[0], x, y, 16);
    border_above(&now.cb, run.above[1], x, y, 8);
    border_above(&now.cr, run.above[2], x, y, 8);
    choose(mb, rebuilt);
    if (x > 0 && !mb->hidden && deblock_wants(x, y))
      deblock_try(mb->segment, (u32)now.segment->luma.step[1], filtered_within(mb), now.samples - SAMPLES, now.samples, both[~x & 1], rebuilt);
    allowance->used += mode_bits(mb);
    run.levels_end = keep_levels(run.levels_end, mb);
    if (run.shown != NULL) show_macroblock(rebuilt, x, y);
    border_keep(&now.luma, run.above[0], rebuilt, x, 16);
    border_keep(&now.cb, run.above[1], rebuilt + CB_BLOCK * BLOCK, x, 8);
    border_keep(&now.cr, run.above[2], rebuilt + CR_BLOCK * BLOCK, x, 8);
  }
}

// False where the memory does not do.
NOINLINE bool encode_levels(void) {
  // 3/4 of the first partition for all, and 1/8 in advance.
  struct allowance allowance = {.each = ((u64)MAX_FIRST_PARTITION << 11) * 3 / 4 / ((u64)run.across * run.down)};
  fill_bytes(token_counts, 0, sizeof token_counts);
  copy_bytes(probabilities, default_probabilities, sizeof probabilities);
  costs_prepare();
  now.effort = run.effort;
  fill_bytes(run.above_lost, 0, run.across * 4 * sizeof(i16));
  deblock_begin(run.across * run.down);
  run.levels_end = run.levels;
  for (u32 y = 0, refresh = 1; y < run.down; y++) {
    if (!reserve_step((u64)(size_t)run.levels_end + (u64)run.across * MACROBLOCK_LEVELS * sizeof(i16))) return false;
    run.rows_of_levels[y] = run.levels_end;
    encode_row(y, &allowance);
    // What the image has shown so far is a better guess at what it will have than the defaults.
    if (y + 1 == refresh && (y + 1) * run.across >= 64) {
      adapt_probabilities();
      costs_prepare();
    }
    if (y + 1 == refresh) refresh *= 2;
  }
  run.tokens_cost = adapt_probabilities();
  choose_filters();
  return true;
}

// ---- the file -----------------------------------------------------------------------------------

NOINLINE void put_first_partition(struct coder *c) {
  u32 skipped = 0, all = run.across * run.down;
  for (u32 i = 0; i < all; i++) skipped += run.macroblocks[i].skip;
  run.frame.skips = skipped > 0;
  run.frame.skip_probability = (u8)probability_of(all - skipped, skipped);
  put_frame_header(c, &run.frame, run.segments);
  for (u32 y = 0; y < run.down; y++)
    for (u32 x = 0; x < run.across; x++) {
      const struct macroblock *mb = &run.macroblocks[(size_t)y * run.across + x];
      put_modes(c, &run.frame, mb, x > 0 ? mb - 1 : NULL, y > 0 ? mb - run.across : NULL);
    }
  coder_end(c);
}

// One of several, with every row whose number is its own among them. False where the memory does not do.
NOINLINE bool put_partition(struct coder *c, u32 which, u32 count) {
  for (u32 y = which; y < run.down; y += count) {
    const i16 *from = run.rows_of_levels[y];
    for (u32 x = 0; x < run.across; x++) {
      const struct macroblock *mb = &run.macroblocks[(size_t)y * run.across + x];
      if (mb->skip) continue;
      if (!reserve_step((u64)(size_t)c->next + MACROBLOCK_OUTPUT)) return false;
      from = put_macroblock(c, from, mb, x > 0 ? mb[-1].filled : 0, y > 0 ? (mb - run.across)->filled : 0);
    }
  }
  coder_end(c);
  return true;
}

// False where the memory does not do. Whether it all fits what the sizes of partitions can say is in run.overflow.
NOINLINE bool put_file(void) {
  u64 start = aligned((u64)(size_t)run.levels_end);
  // Four bits for each macroblock of many, nine of fewer, blocks by their allowance.
  u64 most = FRAME_TAG_BYTES + 2 * MAX_FIRST_PARTITION + CODER_SLACK + 3 * MAX_PARTITIONS;
  if (!reserve_step(start + most)) return false;
  run.output = (u8 *)(size_t)start;
  u32 log2 = 0;
  while (log2 < 3 && run.tokens_cost / 2048 >> log2 > MAX_PARTITION * 3ull / 4) log2++;
  run.frame.partitions_log2 = log2;
  struct coder c = coder_begin(run.output + FRAME_TAG_BYTES);
  put_first_partition(&c);
  u32 first = (u32)(c.next - c.start);
  run.overflow = first > MAX_FIRST_PARTITION;
  put_frame_tag(run.output, &run.frame, first);
  u32 count = 1u << log2;
  u8 *sizes = c.next, *to = sizes + 3 * (count - 1);
  for (u32 i = 0; i < count; i++) {
    c = coder_begin(to);
    if (!put_partition(&c, i, count)) return false;
    u32 bytes = (u32)(c.next - to);
    run.overflow |= i + 1 < count && bytes > MAX_PARTITION;
    if (i + 1 < count)
      for (u32 b = 0; b < 3; b++) sizes[3 * i + b] = (u8)(bytes >> 8 * b);
    to = c.next;
  }
  run.output_end = to;
  return true;
}

#endif
