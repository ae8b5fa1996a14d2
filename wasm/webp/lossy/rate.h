// What things cost in 1/256 of a bit, and what is gained: the probabilities of tokens, RFC 6386 section 13.
//
// Costs of levels are tables by kind of block, band, context and level; of levels of 67 and more what the extra bits cost comes
// on top. A choice is judged by error * ERROR_WEIGHT + lambda * cost.
#ifndef RATE_H
#define RATE_H

#include "bool_coder.h"
#include "quantize.h"

enum { COST_LEVELS = 68, ERROR_WEIGHT = 4096 };

// Of all blocks so far, how many tokens of each kind there were: the end, levels 0 to 4, the six categories of larger ones.
enum { END_TOKEN = 0, ZERO_TOKEN = 1, CATEGORY_TOKEN = 6, TOKENS = 12 };
static u32 token_counts[BLOCK_KINDS][BANDS][CONTEXTS][TOKENS];
// What is written.
static token_probabilities probabilities;

static u16 level_costs[BLOCK_KINDS][BANDS][CONTEXTS][COST_LEVELS];
// Of the end of a block, and of that it is not ended where context 0 does not say so yet.
static u16 end_costs[BLOCK_KINDS][BANDS][CONTEXTS], open_costs[BLOCK_KINDS][BANDS];

static u32 category_of(u32 level) { return level < 7 ? 0 : level < 11 ? 1 : level < 19 ? 2 : level < 35 ? 3 : level < 67 ? 4 : 5; }

static u32 extra_cost(const struct category *category, u32 level) {
  u32 rest = level - category->base, cost = 0;
  for (u32 i = 0; i < category->bits; i++) cost += bit_cost(rest >> (category->bits - 1 - i) & 1, category->probabilities[i]);
  return cost;
}

// Of a level other than 0, with its sign, behind the place in the tree that says so; of 67 and more without extra bits.
COLD static u32 size_cost(const u8 *p, u32 level) {
  u32 cost = 256 + bit_cost(level > 1, p[2]);
  if (level == 1) return cost;
  cost += bit_cost(level > 4, p[3]);
  if (level <= 4) return cost + bit_cost(level > 2, p[4]) + (level > 2 ? bit_cost(level == 4, p[5]) : 0);
  u32 c = category_of(level);
  cost += bit_cost(c > 1, p[6]);
  cost += c < 2 ? bit_cost(c, p[7]) : bit_cost(c > 3, p[8]) + bit_cost(c & 1, p[9 + (c > 3)]);
  return c < 5 ? cost + extra_cost(&categories[c], level) : cost;
}

NOINLINE void costs_prepare(void) {
  for (u32 kind = 0; kind < BLOCK_KINDS; kind++)
    for (u32 band = 0; band < BANDS; band++)
      for (u32 context = 0; context < CONTEXTS; context++) {
        const u8 *p = probabilities[kind][band][context];
        u16 *costs = level_costs[kind][band][context];
        // Behind a 0 a block does not end.
        u32 open = bit_cost(1, p[0]), base = context > 0 ? open : 0;
        if (context == 0) open_costs[kind][band] = (u16)open;
        end_costs[kind][band][context] = (u16)bit_cost(0, p[0]);
        costs[0] = (u16)(base + bit_cost(0, p[1]));
        for (u32 level = 1; level < COST_LEVELS; level++) costs[level] = (u16)(base + bit_cost(1, p[1]) + size_cost(p, level));
      }
}

// Of a block's levels, in a context from its neighbours.
NOINLINE u32 block_cost(const struct levels *block, u32 kind, u32 context) {
  u32 i = kind == LUMA_AC;
  if (block->mask == 0) return end_costs[kind][i][context];
  u32 last = 31 - (u32)__builtin_clz(block->mask), cost = context == 0 ? open_costs[kind][i] : 0;
  const u16 (*by_band)[CONTEXTS][COST_LEVELS] = level_costs[kind];
  for (; i <= last; i++) {
    i32 level = block->level[i];
    u32 size = (u32)(level < 0 ? -level : level);
    cost += by_band[bands[i]][context][size < 67 ? size : 67];
    if (size >= 67) cost += extra_cost(&categories[5], size);
    context = size < 2 ? size : 2;
  }
  return last < 15 ? cost + end_costs[kind][bands[i]][context] : cost;
}

INLINE u64 worth(u32 error, u32 cost, u32 lambda) { return (u64)error * ERROR_WEIGHT + (u64)cost * lambda; }

// ---- counting -----------------------------------------------------------------------------------

// The token of each level below 68, for all from 67 on.
static u8 token_of[COST_LEVELS];

static void tokens_prepare(void) {
  for (u32 level = 0; level < COST_LEVELS; level++)
    token_of[level] = (u8)(level < 5 ? ZERO_TOKEN + level : CATEGORY_TOKEN + category_of(level));
}

INLINE u32 size_of(i32 level) { return (u32)(level < 0 ? -level : level); }

// How often each place in the tree went which way, by the tokens of a kind, band and context. `ends`: whether a block may end there.
static void tree_counts(u32 to[TREE][2], const u32 *n, bool ends) {
  u32 large[6], rest = 0;
  for (u32 i = 0; i < 6; i++) rest += large[i] = n[CATEGORY_TOKEN + i];
  u32 small = n[ZERO_TOKEN + 2] + n[ZERO_TOKEN + 3] + n[ZERO_TOKEN + 4], some = n[ZERO_TOKEN + 1] + small + rest;
  const u32 pairs[TREE][2] = {
      {n[END_TOKEN], n[ZERO_TOKEN] + some},
      {n[ZERO_TOKEN], some},
      {n[ZERO_TOKEN + 1], small + rest},
      {small, rest},
      {n[ZERO_TOKEN + 2], n[ZERO_TOKEN + 3] + n[ZERO_TOKEN + 4]},
      {n[ZERO_TOKEN + 3], n[ZERO_TOKEN + 4]},
      {large[0] + large[1], rest - large[0] - large[1]},
      {large[0], large[1]},
      {large[2] + large[3], large[4] + large[5]},
      {large[2], large[3]},
      {large[4], large[5]},
  };
  copy_bytes(to, pairs, sizeof pairs);
  if (!ends) to[0][0] = to[0][1] = 0;
}

// Behind a 0, which is what context 0 says but of the first coefficient, a block does not end.
static bool may_end(u32 kind, u32 band, u32 context) { return context > 0 || band == (kind == LUMA_AC); }

// The probability of a 0, where there were so many of each.
static u32 probability_of(u32 zeros, u32 ones) {
  u64 all = (u64)zeros + ones;
  if (all == 0) return 255;
  u32 p = (u32)(((u64)zeros * 255 + all / 2) / all);
  return p < 1 ? 1 : p;
}

static u64 cost_of_counts(const u32 counts[2], u32 p) { return (u64)counts[0] * bit_cost(0, p) + (u64)counts[1] * bit_cost(1, p); }

// Makes the probabilities fit the counts, each where it saves more than saying so costs. What all tokens cost then.
NOINLINE u64 adapt_probabilities(void) {
  u64 cost = 0;
  u32 counts[TREE][2], i = 0;
  for (u32 kind = 0; kind < BLOCK_KINDS; kind++)
    for (u32 band = 0; band < BANDS; band++)
      for (u32 context = 0; context < CONTEXTS; context++) {
        const u32 *tokens = token_counts[kind][band][context];
        tree_counts(counts, tokens, may_end(kind, band, context));
        for (u32 place = 0; place < TREE; place++, i++) {
          u32 mine = probability_of(counts[place][0], counts[place][1]), update = update_probabilities[i];
          u64 changed = cost_of_counts(counts[place], mine) + bit_cost(1, update) + 8 * 256;
          u64 kept = cost_of_counts(counts[place], default_probabilities[i]) + bit_cost(0, update);
          probabilities[kind][band][context][place] = changed < kept ? (u8)mine : default_probabilities[i];
          cost += changed < kept ? changed : kept;
        }
        // The sign, and of large levels at most eleven bits more.
        cost += ((u64)counts[2][0] + counts[2][1] + (u64)counts[3][1] * 11) * 256;
      }
  return cost;
}

#endif
