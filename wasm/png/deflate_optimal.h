// The strongest compression, for `smallest`: every useful match is found first, then the cheapest way through them.
//
// A segment is taken at a time, behind up to 32 kB that came before it:
//
// 1. A binary tree (match_tree.h) gives for every position the matches that are longer than every nearer one. They are
//    kept, so that no later pass has to search.
// 2. Dynamic programming from the end to the beginning gives each position its cheapest way to the end. What tokens
//    cost is a guess at first, then the entropy of what the last pass used.
// 3. The tokens are cut into blocks: parts of 1024 tokens are joined with their neighbours as long as one set of codes
//    costs less than two. Each block is then parsed again by its own costs; and all that once more.
// 4. Blocks are written (deflate_block.h), but the last: its tokens wait, and join the first block of the next segment if
//    that costs less.
#ifndef DEFLATE_OPTIMAL_H
#define DEFLATE_OPTIMAL_H

#include "deflate_block.h"
#include "deflate_cost.h"
#include "match_tree.h"

enum {
  SEGMENT = MOST_LITERALS,
  // Room for matches; where it runs short a position keeps its longest ones only.
  SEGMENT_MATCHES = 4 * SEGMENT,
  FEW_MATCHES = 3,
  PART_TOKENS = 1024,
  MOST_PARTS = SEGMENT / PART_TOKENS + 1,
  // Tokens that may wait for the next segment.
  MOST_WAITING = 1 << 14,
  // What is parsed before there is more is this far from the end, so that matches are as long as they can be.
  OPTIMAL_MARGIN = MAX_MATCH,
  // Read beyond the end.
  OPTIMAL_SLACK = 32,
};

// Of a match: it is not worth while to try a part of it.
#define WHOLE_MATCH 0x80000000u

struct part {
  u32 bytes, tokens;
  u32 cost, joined_cost;  // joined with the one behind it
  u32 counts[SYMBOLS];
};

struct optimal_effort {
  u16 depth, nice;  // positions that a search may look at; a match that ends it
  u8 passes, rounds;
};

struct optimal {
  struct optimal_effort effort;
  struct tree tree;
  struct costs costs;
  u8 match_count[SEGMENT];
  found_match matches[SEGMENT_MATCHES];
  // What the way from a position to the end of the block costs, and its first token.
  u32 way[SEGMENT + 1];
  token first[SEGMENT];
  token trial[SEGMENT];
  struct part parts[MOST_PARTS];
  u32 part_order[MOST_PARTS], part_count;
  // The block that is not written yet.
  token waiting[MOST_WAITING];
  u32 waiting_count, waiting_cost, waiting_counts[SYMBOLS];
};

static void optimal_begin(struct optimal *o, struct optimal_effort effort) {
  tokens_prepare();
  o->effort = effort;
  tree_begin(&o->tree);
  o->waiting_count = 0;
}

// ---- matches ------------------------------------------------------------------------------------

// Those of all positions of bytes[0..n), of which `readable` are there.
NOINLINE void optimal_find(struct optimal *o, const u8 *bytes, u32 n, u32 readable) {
  found_match found[MAX_MATCH], *next = o->matches, *end = o->matches + SEGMENT_MATCHES;
  u32 depth = o->effort.depth, nice = o->effort.nice, long_end = 0, long_distance = 0, search_from = 0;
  // The tree is in order only while no position comes twice.
  if (o->tree.position > 0xf0000000) tree_begin(&o->tree);
  for (u32 i = 0; i < n; i++) {
    u32 limit = min_u32(readable - i, MAX_MATCH);
    u32 count = (u32)(tree_find(&o->tree, bytes + i, limit, nice, depth, found) - found);
    o->match_count[i] = 0;
    if (i < search_from) {
      // Within a long match the rest of that is all there is to know.
      if (long_end - i < MIN_MATCH) continue;
      *next++ = WHOLE_MATCH | found_of(min_u32(long_end - i, MAX_MATCH), long_distance);
      o->match_count[i] = 1;
      continue;
    }
    if (count == 0) continue;
    found_match longest = found[count - 1];
    u32 length = found_length(longest);
    if (length >= nice) {
      long_distance = found_distance(longest);
      long_end = i + tree_equal(bytes + i - long_distance, bytes + i, length, min_u32(readable - i, 2 * MAX_MATCH));
      search_from = i + length;
    }
    u32 most = (u32)(end - next) >= FEW_MATCHES * (n - i) + MAX_MATCH ? 255 : FEW_MATCHES;
    for (u32 m = count > most ? count - most : 0; m < count; m++) *next++ = found[m];
    o->match_count[i] = (u8)min_u32(count, most);
  }
}

// ---- the cheapest way ---------------------------------------------------------------------------

// The tokens of bytes[from..to); the matches of all of them end at `matches`. Gives how many tokens they are.
NOINLINE u32 optimal_parse(struct optimal *o, const u8 *bytes, u32 from, u32 to, const found_match *matches, token *tokens) {
  const struct costs *costs = &o->costs;
  o->way[to] = 0;
  for (u32 i = to; i-- > from;) {
    u32 best = o->way[i + 1] + costs->literal[bytes[i]], count = o->match_count[i], length = MIN_MATCH;
    token first = bytes[i];
    matches -= count;
    for (u32 m = 0; m < count; m++) {
      u32 longest = min_u32(found_length(matches[m]), to - i), distance = costs->distance[found_slot(matches[m])];
      if ((matches[m] & WHOLE_MATCH) && longest >= MIN_MATCH) length = longest;
      for (; length <= longest; length++) {
        u32 way = distance + costs->length[length] + o->way[i + length];
        if (way < best) {
          best = way;
          first = match_token(length, found_distance(matches[m]));
        }
      }
    }
    o->way[i] = best;
    o->first[i] = first;
  }
  u32 count = 0;
  for (u32 i = from; i < to; count++) {
    tokens[count] = o->first[i];
    i += is_literal(tokens[count]) ? 1 : token_length(tokens[count]);
  }
  return count;
}

// A guess: literals by their frequency, matches cheap, as a symbol that a pass does not use stays unused.
static void optimal_guess(struct optimal *o, const u8 *bytes, u32 n) {
  u32 counts[SYMBOLS] = {0}, slots[LITERALS - LENGTHS];
  for (u32 i = 0; i < n; i++) counts[bytes[i]]++;
  costs_of_counts(&o->costs, counts);
  for (u32 s = 0; s < LITERALS - LENGTHS; s++) slots[s] = 3 * COST_BIT;
  costs_of_lengths(&o->costs, slots);
  for (u32 s = 0; s < DISTANCES; s++) o->costs.distance[s] = (1 + distance_extra(s)) * COST_BIT;
}

// ---- blocks -------------------------------------------------------------------------------------

// A block of its own, header included, without the bits behind codes; in 1 / COST_BIT.
NOINLINE u32 histogram_cost(const u32 counts[SYMBOLS]) {
  // Of a header: what is always there; a code length that repeats the one before, or not, and the end of a gap.
  enum { ALWAYS = 50 * COST_BIT, SAME = COST_BIT * 3 / 2, OTHER = COST_BIT * 7 / 2 };
  u64 bits = 0;
  u32 header = ALWAYS;
  for (u32 from = 0, to = LITERALS; from < SYMBOLS; from = to, to = SYMBOLS) {
    u32 all = from == 0, before = 0;
    for (u32 s = from; s < to; s++) all += counts[s];
    u32 all_log2 = log2_fine(all);
    for (u32 s = from; s < to; s++) {
      u32 length = 0;
      if (counts[s] > 0) {
        u32 each = all_log2 - log2_fine(counts[s]);
        bits += (u64)counts[s] * each;
        length = each < 128 ? 1 : (each + 128) >> 8;
      }
      if (length > 0) header += length == before ? SAME : OTHER;
      else if (before > 0) header += OTHER;
      before = length;
    }
  }
  return (u32)(bits * COST_BIT >> 8) + header;
}

NOINLINE void add_counts(u32 to[SYMBOLS], const u32 counts[SYMBOLS]) {
  for (u32 s = 0; s < SYMBOLS; s++) to[s] += counts[s];
}

NOINLINE u32 joined_cost(const u32 a[SYMBOLS], const u32 b[SYMBOLS]) {
  u32 counts[SYMBOLS];
  copy_bytes(counts, a, sizeof counts);
  add_counts(counts, b);
  return histogram_cost(counts);
}

static struct part *part_at(struct optimal *o, u32 i) { return &o->parts[o->part_order[i]]; }

// Cuts all tokens into parts and joins them to blocks.
static void optimal_split(struct optimal *o, const token *all, u32 count) {
  u32 parts = 0;
  for (u32 at = 0; at < count; at += PART_TOKENS) {
    struct part *part = &o->parts[parts];
    u32 tokens = min_u32(PART_TOKENS, count - at);
    fill_bytes(part, 0, sizeof *part);
    count_tokens(all + at, tokens, part->counts);
    for (u32 i = at; i < at + tokens; i++) part->bytes += is_literal(all[i]) ? 1 : token_length(all[i]);
    part->cost = histogram_cost(part->counts);
    o->part_order[parts] = parts;
    parts++;
  }
  for (u32 i = 0; i + 1 < parts; i++) o->parts[i].joined_cost = joined_cost(o->parts[i].counts, o->parts[i + 1].counts);
  while (parts > 1) {
    u32 best = 0;
    i32 most = -1;
    for (u32 i = 0; i + 1 < parts; i++) {
      const struct part *part = part_at(o, i);
      i32 gain = (i32)(part->cost + part_at(o, i + 1)->cost - part->joined_cost);
      if (gain > most) {
        most = gain;
        best = i;
      }
    }
    if (most < 0) break;
    struct part *part = part_at(o, best), *joined = part_at(o, best + 1);
    add_counts(part->counts, joined->counts);
    part->bytes += joined->bytes;
    part->cost = part->joined_cost;
    parts--;
    for (u32 i = best + 1; i < parts; i++) o->part_order[i] = o->part_order[i + 1];
    if (best + 1 < parts) part->joined_cost = joined_cost(part->counts, part_at(o, best + 1)->counts);
    if (best > 0) part_at(o, best - 1)->joined_cost = joined_cost(part_at(o, best - 1)->counts, part->counts);
  }
  o->part_count = parts;
}

// Parses a block again until that gains nothing; gives how many tokens it has.
static u32 optimal_refine(struct optimal *o, const u8 *bytes, u32 from, u32 to, const found_match *matches,
                          struct part *part, token *tokens) {
  u32 count = 0, cost = 0xffffffff;
  for (u32 pass = 0; pass < o->effort.passes; pass++) {
    costs_of_counts(&o->costs, part->counts);
    count = optimal_parse(o, bytes, from, to, matches, tokens);
    u32 way = o->way[from];
    fill_bytes(part->counts, 0, sizeof part->counts);
    count_tokens(tokens, count, part->counts);
    if (way + way / 8192 >= cost) break;
    cost = way;
  }
  return count;
}

// ---- segments -----------------------------------------------------------------------------------

NOINLINE void write_waiting(struct optimal *o, bool last) {
  plan_block(o->waiting_counts, MAX_BLOCK);
  begin_block(last);
  write_tokens(o->waiting, o->waiting_count);
  end_block();
  o->waiting_count = 0;
}

// A block joins the one that waits, or that is written and this one waits.
static void optimal_block(struct optimal *o, const u8 *bytes, const token *tokens, struct part *part) {
  if (o->waiting_count > 0) {
    u32 joined = joined_cost(part->counts, o->waiting_counts);
    if (joined <= part->cost + o->waiting_cost && o->waiting_count + part->tokens <= MOST_WAITING) {
      copy_bytes(o->waiting + o->waiting_count, tokens, part->tokens * sizeof *tokens);
      add_counts(o->waiting_counts, part->counts);
      o->waiting_count += part->tokens;
      o->waiting_cost = joined;
      return;
    }
    write_waiting(o, false);
  }
  plan_block(part->counts, part->bytes);
  // What may be stored needs its bytes, which do not wait.
  if (block.kind == STORED) {
    write_stored(bytes, part->bytes, false);
  } else if (part->tokens <= MOST_WAITING) {
    copy_bytes(o->waiting, tokens, part->tokens * sizeof *tokens);
    copy_bytes(o->waiting_counts, part->counts, sizeof o->waiting_counts);
    o->waiting_count = part->tokens;
    o->waiting_cost = part->cost;
  } else {
    begin_block(false);
    write_tokens(tokens, part->tokens);
    end_block();
  }
}

// Makes the tokens of bytes[0..n), at most SEGMENT; the HISTORY before was compressed, and of `readable` bytes and
// OPTIMAL_SLACK more can be read. readable - n >= OPTIMAL_MARGIN, except at the end. Gives what they cost in 1 / COST_BIT.
COLD static u64 optimal_plan(struct optimal *o, const u8 *bytes, u32 n, u32 readable) {
  optimal_find(o, bytes, n, readable);
  const found_match *matches = o->matches;
  for (u32 i = 0; i < n; i++) matches += o->match_count[i];
  optimal_guess(o, bytes, n);
  u32 count = optimal_parse(o, bytes, 0, n, matches, o->trial), counts[SYMBOLS] = {0};
  count_tokens(o->trial, count, counts);
  costs_of_counts(&o->costs, counts);
  count = optimal_parse(o, bytes, 0, n, matches, o->trial);
  u64 bits = 0;
  for (u32 round = 0; round < o->effort.rounds; round++) {
    optimal_split(o, o->trial, count);
    count = 0;
    bits = 0;
    matches = o->matches;
    for (u32 b = 0, from = 0; b < o->part_count; b++) {
      struct part *part = part_at(o, b);
      u32 to = from + part->bytes;
      for (u32 i = from; i < to; i++) matches += o->match_count[i];
      part->tokens = optimal_refine(o, bytes, from, to, matches, part, o->trial + count);
      part->cost = histogram_cost(part->counts);
      bits += part->cost + extra_bits(part->counts) * COST_BIT;
      count += part->tokens;
      from = to;
    }
  }
  return bits;
}

// Writes what was planned for these bytes. The output has to be empty.
static void optimal_write(struct optimal *o, const u8 *bytes) {
  const token *tokens = o->trial;
  for (u32 b = 0; b < o->part_count; b++) {
    struct part *part = part_at(o, b);
    optimal_block(o, bytes, tokens, part);
    tokens += part->tokens;
    bytes += part->bytes;
  }
}

// The last block.
static void optimal_finish(struct optimal *o) {
  if (o->waiting_count == 0) fill_bytes(o->waiting_counts, 0, sizeof o->waiting_counts);
  write_waiting(o, !open_ended);
}

#endif
