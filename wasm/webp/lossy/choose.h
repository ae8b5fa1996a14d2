// The modes of a macroblock, and its levels.
//
// Modes are first ranked by SATD and what it costs to say them; the best few are then transformed and quantised, and judged by
// their squared error, in the transform domain, and what their levels cost.
#ifndef CHOOSE_H
#define CHOOSE_H

#include "header.h"

// How many modes are quantised, by effort: of a macroblock, of a block, of chroma.
static const u8 whole_candidates[3] = {1, 2, 4}, block_candidates[3] = {1, 3, 10}, chroma_candidates[3] = {1, 1, 4};

// Of a block, how many of the modes are looked at.
static const u8 block_modes[3] = {6, BLOCK_MODES, BLOCK_MODES};
// What a whole without AC may be worth, in bits, so that blocks are not tried.
static const u16 plain_bits[3] = {300, 60, 30};

// The macroblock in work.
static struct {
  const u8 *samples;
  const struct segment *segment;
  u32 effort;
  const struct macroblock *left, *above;  // NULL beyond the frame
  u32 left_filled, above_filled;
  struct border luma, cb, cr;
  i16 *above_lost, left_lost[4];  // of the DCs of chroma: two of Cb, two of Cr
  bool no_blocks;  // the first partition has no room for modes of blocks
  bool bare;       // nor for any but DC_PRED
} now;

// Luma as a whole or by blocks, or chroma: the levels of the best so far, and what is made of them.
struct whole { struct levels dc, ac[LUMA_BLOCKS]; u8 prediction[LUMA_BLOCKS * BLOCK]; u32 filled; };
// `lost` is of the DCs.
struct chroma { struct levels blocks[8]; u8 prediction[8 * BLOCK]; u32 filled; i16 lost[8]; };

static struct whole wholes[2];
static struct chroma chromas[2];
static struct levels block_levels[LUMA_BLOCKS];
static u8 blocks_rebuilt[LUMA_BLOCKS * BLOCK];
static u32 blocks_filled;

enum { FAR_BEHIND = 3 };

// The best of n modes by `cost`, which is below 2^28: as many as wanted, but none that is far behind the first. How many they are.
INLINE u32 rank_modes(u8 *order, const u32 *cost, u32 n, u32 wanted) {
  u32 keys[BLOCK_MODES];
  for (u32 i = 0; i < n; i++) keys[i] = cost[i] << 4 | i;
  for (u32 i = 0; i < wanted; i++) {
    u32 best = keys[0], at = 0;
    for (u32 j = 1; j < n; j++)
      if (keys[j] < best) best = keys[j], at = j;
    if (i > 0 && best >> 4 > cost[order[0]] + cost[order[0]] / FAR_BEHIND) return i;
    order[i] = (u8)(best & 15);
    keys[at] = (u32)-1;
  }
  return wanted;
}

// A bit of a mode against SATD.
static u32 mode_weight(void) { return ((u32)now.segment->luma.step[1] * 57) >> 8; }

// ---- luma as a whole ----------------------------------------------------------------------------

// Levels of luma as predicted, what they cost, and the error of it all.
NOINLINE u64 code_whole(struct whole *to) {
  const struct segment *segment = now.segment;
  i16 dcs[16], coefficients[16];
  u32 error = 0, cost = 0, filled = 0;
  for (u32 block = 0; block < LUMA_BLOCKS; block++) {
    struct levels *levels = &to->ac[block];
    code_block(levels, now.samples + block * BLOCK, to->prediction + block * BLOCK, &segment->luma, &dcs[block]);
    error += levels->error;
    cost += block_cost(levels, LUMA_AC, luma_context(filled, now.left_filled, now.above_filled, block));
    filled |= (u32)(levels->mask != 0) << block;
  }
  forward_wht(coefficients, dcs);
  quantize_scalar(&to->dc, coefficients, &segment->luma_dc, 0);
  cost += block_cost(&to->dc, LUMA_DC, luma_dc_context(now.left_filled, now.above_filled));
  to->filled = filled | luma_dc_bits(true, to->dc.mask != 0, 0, 0);
  // Coefficients of the WHT are twice what an orthonormal one would make of those of the DCT.
  return worth(error + to->dc.error / 4, cost, segment->lambda);
}

// Chooses the mode, and gives its worth; the levels are in wholes[0].
NOINLINE u64 choose_whole(struct macroblock *mb) {
  u32 costs[WHOLE_MODES], modes = now.bare ? 1 : WHOLE_MODES, wanted = min_u32(whole_candidates[now.effort], modes);
  u8 order[WHOLE_MODES];
  static u8 predictions[WHOLE_MODES][LUMA_BLOCKS * BLOCK];
  for (u32 mode = 0; mode < modes; mode++) {
    predict_whole(predictions[mode], &now.luma, mode, 16);
    costs[mode] = (satd_blocks(now.samples, predictions[mode], LUMA_BLOCKS) << 6) + ((luma_mode_costs[mode] * mode_weight()) >> 2);
  }
  wanted = rank_modes(order, costs, modes, wanted);
  u64 best = (u64)-1;
  for (u32 i = 0; i < wanted; i++) {
    struct whole *candidate = &wholes[best != (u64)-1];
    copy_bytes(candidate->prediction, predictions[order[i]], sizeof candidate->prediction);
    u64 cost = code_whole(candidate) + worth(0, luma_mode_costs[order[i]], now.segment->lambda);
    if (cost >= best) continue;
    best = cost;
    mb->mode = order[i];
    if (candidate != wholes) wholes[0] = *candidate;
  }
  return best;
}

NOINLINE void rebuild_whole(u8 *to, struct whole *from) {
  i16 dcs[16];
  inverse_wht(dcs, from->dc.value);
  for (u32 block = 0; block < LUMA_BLOCKS; block++) {
    from->ac[block].value[0] = dcs[block];
    bool any = from->ac[block].mask != 0 || dcs[block] != 0;
    rebuild_block(to + block * BLOCK, from->ac[block].value, any, from->prediction + block * BLOCK);
  }
}

// ---- luma by blocks -----------------------------------------------------------------------------

// What is around a block, see predict.h.
static void look_around(u8 around[16], u32 block) {
  const struct border *border = &now.luma;
  u32 x = block & 3, y = block >> 2;
  const u8 *rebuilt = blocks_rebuilt + block * BLOCK;
  u64 above;
  if (y == 0) above = load64(border->above + 4 * x);
  else above = load32(rebuilt - 4 * BLOCK + 12) | (u64)(x == 3 ? load32(border->above + 16) : load32(rebuilt - 3 * BLOCK + 12)) << 32;
  for (u32 i = 0; i < 4; i++) around[4 - i] = x == 0 ? border->left[4 * y + i] : rebuilt[4 * (i32)i + 3 - BLOCK];
  around[0] = around[1];
  around[CORNER] = y == 0 ? (x == 0 ? border->corner : border->above[4 * x - 1]) : x == 0 ? border->left[4 * y - 1] : rebuilt[15 - 5 * BLOCK];
  store64(around + ABOVE, above);
  around[14] = around[15] = around[13];
}

// Chooses the mode of a block.
NOINLINE u64 choose_block(struct macroblock *mb, u32 block) {
  const u8 *samples = now.samples + block * BLOCK;
  const u16 *mode_costs = block_mode_costs[mode_above(mb, now.above, block)][mode_left(mb, now.left, block)];
  u8 around[16] __attribute__((aligned(16))), order[BLOCK_MODES];
  static u8 predictions[BLOCK_MODES][BLOCK] __attribute__((aligned(16)));
  u32 costs[BLOCK_MODES], modes = block_modes[now.effort], wanted = block_candidates[now.effort], weight = mode_weight();
  u32 context = luma_context(blocks_filled, now.left_filled, now.above_filled, block), lambda = now.segment->lambda;
  look_around(around, block);
  predict_block(predictions, costs, modes, around, samples);
  for (u32 mode = 0; mode < modes; mode++) costs[mode] = (costs[mode] << 8) + mode_costs[mode] * weight;
  wanted = rank_modes(order, costs, modes, wanted);
  static struct levels tried[2];
  struct levels *best_levels = &tried[0], *spare = &tried[1];
  u64 best = (u64)-1;
  for (u32 i = 0; i < wanted; i++) {
    u32 mode = order[i];
    code_block(spare, samples, predictions[mode], &now.segment->luma, NULL);
    u64 cost = worth(spare->error, mode_costs[mode], lambda);
    if (cost < best) cost += worth(0, block_cost(spare, LUMA, context), lambda);
    if (cost >= best) continue;
    best = cost;
    mb->modes[block] = (u8)mode;
    struct levels *swap = best_levels;
    best_levels = spare;
    spare = swap;
  }
  block_levels[block] = *best_levels;
  blocks_filled |= (u32)(best_levels->mask != 0) << block;
  rebuild_block(blocks_rebuilt + block * BLOCK, best_levels->value, best_levels->mask != 0, predictions[mb->modes[block]]);
  return best;
}

// Whether blocks by themselves are worth less than `most`.
static bool choose_blocks(struct macroblock *mb, u64 most) {
  u64 sum = worth(0, luma_mode_costs[BY_BLOCKS], now.segment->lambda);
  blocks_filled = 0;
  for (u32 block = 0; block < LUMA_BLOCKS; block++) {
    sum += choose_block(mb, block);
    if (sum >= most) return false;
  }
  return true;
}

// ---- chroma -------------------------------------------------------------------------------------

// What is to be added to the DC of a block: a quarter of what those to the left and above lost as they had no level, where both lost in the
// same direction. Else flat colour stays as far off as it happens to be where it begins: less than half a step is never made up for.
INLINE i32 carried_to(const struct chroma *chroma, u32 i) {
  i32 left = i & 1 ? chroma->lost[i - 1] : now.left_lost[i >> 1];
  i32 above = i & 2 ? chroma->lost[i - 2] : now.above_lost[(i >> 2) * 2 + (i & 1)];
  return (left ^ above) < 0 ? 0 : (left + above) / 4;
}

NOINLINE u64 code_chroma(struct chroma *to) {
  u32 error = 0, cost = 0, filled = 0;
  for (u32 i = 0; i < 8; i++) {
    struct levels *levels = &to->blocks[i];
    i16 dc;
    code_block(levels, now.samples + (CB_BLOCK + i) * BLOCK, to->prediction + i * BLOCK, &now.segment->chroma, &dc);
    i32 lost = quantize_first(levels, dc + carried_to(to, i), &now.segment->chroma);
    to->lost[i] = levels->level[0] == 0 ? (i16)lost : 0;
    error += levels->error;
    cost += block_cost(levels, CHROMA, chroma_context(filled, now.left_filled, now.above_filled, CB_BLOCK + i));
    filled |= (u32)(levels->mask != 0) << (CB_BLOCK + i);
  }
  to->filled = filled;
  return worth(error, cost, now.segment->lambda);
}

NOINLINE void choose_chroma(struct macroblock *mb) {
  u32 costs[WHOLE_MODES], modes = now.bare ? 1 : WHOLE_MODES, wanted = min_u32(chroma_candidates[now.effort], modes);
  u8 order[WHOLE_MODES];
  static u8 predictions[WHOLE_MODES][8 * BLOCK];
  for (u32 mode = 0; mode < modes; mode++) {
    predict_whole(predictions[mode], &now.cb, mode, 8);
    predict_whole(predictions[mode] + 4 * BLOCK, &now.cr, mode, 8);
    costs[mode] = (satd_blocks(now.samples + CB_BLOCK * BLOCK, predictions[mode], 8) << 8) + chroma_mode_costs[mode] * mode_weight();
  }
  wanted = rank_modes(order, costs, modes, wanted);
  u64 best = (u64)-1;
  for (u32 i = 0; i < wanted; i++) {
    struct chroma *candidate = &chromas[best != (u64)-1];
    copy_bytes(candidate->prediction, predictions[order[i]], sizeof candidate->prediction);
    u64 cost = code_chroma(candidate) + worth(0, chroma_mode_costs[order[i]], now.segment->lambda);
    if (cost >= best) continue;
    best = cost;
    mb->chroma_mode = order[i];
    if (candidate != chromas) chromas[0] = *candidate;
  }
  for (u32 i = 0; i < 4; i++) {
    now.left_lost[i] = chromas[0].lost[2 * i + 1];
    now.above_lost[i] = chromas[0].lost[(i >> 1) * 4 + 2 + (i & 1)];
  }
}

// ---- all of it ----------------------------------------------------------------------------------

// Of what nobody sees: nothing but what is predicted.
COLD static void choose_none(struct macroblock *mb, u8 *rebuilt) {
  mb->mode = mb->chroma_mode = DC_PRED;
  fill_bytes(mb->modes, DC_PRED, LUMA_BLOCKS);
  mb->filled = 0;
  mb->skip = true;
  for (u32 i = 0; i < 4; i++) now.left_lost[i] = now.above_lost[i] = 0;
  predict_whole(rebuilt, &now.luma, DC_PRED, 16);
  predict_whole(rebuilt + CB_BLOCK * BLOCK, &now.cb, DC_PRED, 8);
  predict_whole(rebuilt + CR_BLOCK * BLOCK, &now.cr, DC_PRED, 8);
}

// Chooses, and leaves what a decoder will have before its loop filter in `rebuilt`.
static void choose(struct macroblock *mb, u8 *rebuilt) {
  if (mb->hidden) {
    choose_none(mb, rebuilt);
    return;
  }
  u64 whole = choose_whole(mb);
  u32 mode = mb->mode;
  mb->filled = wholes[0].filled;
  // Where nothing is left of a whole but its DCs, and that is not worth many bits, blocks seldom do better.
  bool plain = (now.effort == FAST || (mb->filled & 0xffff) == 0) && whole < worth(0, plain_bits[now.effort] * 256u, now.segment->lambda);
  if (!now.no_blocks && !plain && choose_blocks(mb, whole)) {
    mb->mode = BY_BLOCKS;
    mb->filled = blocks_filled | luma_dc_bits(false, false, now.left_filled, now.above_filled);
    copy_bytes(rebuilt, blocks_rebuilt, sizeof blocks_rebuilt);
  } else {
    mb->mode = (u8)mode;
    fill_bytes(mb->modes, (u8)mode, LUMA_BLOCKS);
    rebuild_whole(rebuilt, &wholes[0]);
  }
  choose_chroma(mb);
  mb->filled |= chromas[0].filled;
  for (u32 i = 0; i < 8; i++)
    rebuild_block(rebuilt + (CB_BLOCK + i) * BLOCK, chromas[0].blocks[i].value, chromas[0].blocks[i].mask != 0,
                  chromas[0].prediction + i * BLOCK);
  bool dc = mb->mode != BY_BLOCKS && wholes[0].dc.mask != 0;
  mb->skip = (mb->filled & ((1u << BLOCKS) - 1)) == 0 && !dc;
}

// Keeps the levels of what was chosen.
NOINLINE i16 *keep_levels(i16 *to, const struct macroblock *mb) {
  if (mb->skip) return to;
  u32 filled = mb->filled, left = now.left_filled, above = now.above_filled;
  if (mb->mode != BY_BLOCKS) to = keep_block(to, &wholes[0].dc, LUMA_DC, luma_dc_context(left, above));
  for (u32 block = 0; block < LUMA_BLOCKS; block++) {
    u32 context = luma_context(filled, left, above, block);
    if (mb->mode == BY_BLOCKS) to = keep_block(to, &block_levels[block], LUMA, context);
    else to = keep_block(to, &wholes[0].ac[block], LUMA_AC, context);
  }
  for (u32 i = 0; i < 8; i++)
    to = keep_block(to, &chromas[0].blocks[i], CHROMA, chroma_context(filled, left, above, CB_BLOCK + i));
  return to;
}

#endif
