// `smallest`, from rows to a zlib stream: rows are kept until they make a strip, its filters are searched
// (filter_search.h), and the strip is compressed as well as it can be (deflate_optimal.h).
//
// Where strips compress well, by matches more than by codes, the prices of the search are a weak judge: there the best ways of
// filtering are all compressed in earnest, and the smallest stays. On photographs the prices decide.
//
// Memory is that of a strip, whatever the image: about 6 MB.
#ifndef SMALLEST_H
#define SMALLEST_H

#include "checksum.h"
#include "deflate_optimal.h"
#include "filter_search.h"

enum {
  SMALLEST = 7,  // the lowest of its three levels
  // Rows have as many bytes of 0 before them, for pixels to the left of the first one.
  ROW_FRONT = 16,
  MOST_STRIP_ROWS = 8192,
  // Bits a byte, in 1 / COST_BIT, below which ways of filtering are compressed in earnest.
  TRIAL_BITS = 40,
  TRIAL_DEPTH = 32,
  MOST_FIXED = 2,  // ways of one filter for all rows, other than none
};

static struct smallest {
  struct search search;
  struct optimal optimal;
  struct tree tree;  // as it was before the strip
  u32 adler;
  u32 filter;  // enum png_filter
  bool scalar;
  u32 bpp;
  // The strip. The row above it comes first.
  u8 *rows;
  u32 room, strip_bytes;  // bytes of `rows`; of the filtered rows of a strip
  u32 row_bytes, pitch, count, most_rows;
  // The window: what is compressed, up to `done`, and what is filtered, up to `end`.
  u8 *window;
  u32 done, end;
  bool filtered;  // the strip is in the window
  u8 types[MOST_STRIP_ROWS];  // filters of the rows
} *smallest;

static u32 pitch_of(u32 row_bytes) { return (row_bytes + ROW_FRONT + 15) & ~15u; }

static u32 smallest_strip_bytes(u32 longest_row) {
  u32 bytes = SEGMENT - OPTIMAL_MARGIN;
  return longest_row + 1 > bytes ? longest_row + 1 : bytes;
}
static u64 smallest_rows_bytes(u32 longest_row) {
  u64 bytes = SEGMENT + SEGMENT / 4, two = 2 * (u64)pitch_of(longest_row);
  return two > bytes ? two : bytes;
}
static u64 smallest_window_bytes(u32 longest_row) {
  return HISTORY + OPTIMAL_MARGIN + (u64)smallest_strip_bytes(longest_row) + OPTIMAL_SLACK;
}

// The memory that smallest_begin needs.
static u64 smallest_bytes(u32 longest_row) {
  return sizeof(struct smallest) + smallest_rows_bytes(longest_row) + smallest_window_bytes(longest_row);
}

// The output has to be empty. `filter`: enum png_filter, AUTO where it is to be searched.
static void smallest_begin(void *memory, u32 longest_row, u32 bpp, u32 filter, u32 level, bool scalar) {
  static const struct optimal_effort efforts[3] = {{150, 258, 3, 1}, {150, 258, 4, 1}, {150, 258, 4, 2}};
  smallest = memory;
  struct smallest *s = smallest;
  s->rows = (u8 *)(s + 1);
  s->window = s->rows + smallest_rows_bytes(longest_row);
  s->room = (u32)smallest_rows_bytes(longest_row);
  s->strip_bytes = smallest_strip_bytes(longest_row);
  s->filter = filter;
  s->bpp = bpp;
  s->scalar = scalar;
  s->row_bytes = s->count = s->most_rows = 0;
  s->done = s->end = 0;
  s->filtered = false;
  s->adler = 1;
  search_begin(&s->search);
  optimal_begin(&s->optimal, efforts[level - SMALLEST]);
  out = (struct bit_writer){.next = output + OUTPUT_FRONT};
  put_bits(&out, 0xda78, 16);
}

// ---- filters ------------------------------------------------------------------------------------

static struct strip strip_of(const struct smallest *s) {
  return (struct strip){s->rows + s->pitch + ROW_FRONT, s->count, s->row_bytes, s->pitch, s->bpp, s->scalar};
}

// Puts the strip into the window, by one filter or by those of s->types.
NOINLINE void filter_strip(struct smallest *s, u32 way) {
  struct strip strip = strip_of(s);
  u8 *to = s->window + s->end;
  for (u32 y = 0; y < strip.count; y++, to += strip.bytes + 1) {
    const u8 *row = strip.rows + (size_t)y * strip.pitch;
    to[0] = way < FILTERS ? (u8)way : s->types[y];
    filters[to[0]][s->scalar](to + 1, row, row - strip.pitch, strip.bytes, strip.bpp);
  }
}

static u32 filtered_bytes(const struct smallest *s) { return s->count * (s->row_bytes + 1); }

// Bytes that can be compressed now.
static u32 segment_bytes(const struct smallest *s, u32 end, bool last) {
  u32 bytes = end - s->done, margin = last ? 0 : OPTIMAL_MARGIN;
  if (bytes <= margin) return 0;
  // What is left at the end is not to be less than the margin.
  if (bytes > SEGMENT && bytes - SEGMENT < OPTIMAL_MARGIN) return SEGMENT - OPTIMAL_MARGIN;
  return min_u32(bytes - margin, SEGMENT);
}

// The best way by compressing in earnest, though not as hard as for the file: what the prices say, a filter for each row, and
// the best of one filter for all rows that have a prospect. That of none is priced too high where rows repeat, as its matches are longer
// than a row.
static u32 try_ways(struct smallest *s, const u64 costs[WAYS], u32 priced_best, u32 end, bool last) {
  struct optimal *o = &s->optimal;
  struct optimal_effort effort = o->effort;
  u64 dearest = costs[priced_best] + costs[priced_best] / 3, least = ~(u64)0;
  u32 trials[WAYS], count = 0, best = priced_best;
  if (costs[NONE] <= 2 * costs[priced_best]) trials[count++] = NONE;
  trials[count++] = FOR_EACH_ROW;
  for (u32 pick = 0, before = NONE; pick < MOST_FIXED; pick++) {
    u32 next = NONE;
    for (u32 way = SUB; way <= PAETH; way++)
      if (way != before && costs[way] <= dearest && (next == NONE || costs[way] < costs[next])) next = way;
    if (next == NONE) break;
    trials[count++] = before = next;
  }
  o->effort = (struct optimal_effort){TRIAL_DEPTH, MAX_MATCH, 1, 1};
  copy_bytes(&s->tree, &o->tree, sizeof s->tree);
  for (u32 t = 0; t < count; t++) {
    filter_strip(s, trials[t]);
    u64 cost = optimal_plan(o, s->window + s->done, segment_bytes(s, end, last), end - s->done);
    copy_bytes(&o->tree, &s->tree, sizeof s->tree);
    if (cost < least) {
      least = cost;
      best = trials[t];
    }
  }
  o->effort = effort;
  return best;
}

// Puts the strip into the window by its best filters.
static void search_filters(struct smallest *s, bool last) {
  struct strip strip = strip_of(s);
  struct search_costs best_costs = s->search.at_start;
  u64 costs[WAYS];
  u32 best = s->filter, bytes = filtered_bytes(s), end = s->end + bytes;
  if (s->filter == AUTO) {
    best = NONE;
    for (u32 way = 0; way < WAYS; way++) {
      costs[way] = search_strip(&s->search, s->window, s->end, s->end, &strip, way);
      if (costs[way] < costs[best] || way == 0) {
        best = way;
        best_costs = s->search.now;
      }
    }
    for (u32 y = 0; y < strip.count; y++) s->types[y] = s->window[s->end + y * (strip.bytes + 1)];
    s->search.at_start = best_costs;
    if (costs[best] < (u64)bytes * TRIAL_BITS && end - s->done <= SEGMENT) {
      best = try_ways(s, costs, best, end, last);
    }
  }
  filter_strip(s, best);
  s->end = end;
}

// ---- the stream ---------------------------------------------------------------------------------

// Whether nothing is in the output but the two bytes that begin the stream: alone they would be a chunk of 14. There is room for them,
// as a segment and the block that waits are 230 kB at most.
static bool output_free(void) { return out.next <= output + OUTPUT_FRONT + 2; }

// Compresses the strip; false where the output has to be taken first.
COLD static bool write_strip(struct smallest *s, bool last) {
  if (!s->filtered) {
    search_filters(s, last);
    u32 bytes = filtered_bytes(s);
    s->adler = adler32[s->scalar](s->adler, s->window + s->end - bytes, bytes);
    s->filtered = true;
  }
  for (u32 bytes; (bytes = segment_bytes(s, s->end, last)) > 0;) {
    if (!output_free()) return false;
    optimal_plan(&s->optimal, s->window + s->done, bytes, s->end - s->done);
    optimal_write(&s->optimal, s->window + s->done);
    s->done += bytes;
  }
  // The window moves on, and the last row becomes the one above.
  if (s->done > HISTORY) {
    u32 by = s->done - HISTORY;
    __builtin_memmove(s->window, s->window + by, s->end - by);
    s->done -= by;
    s->end -= by;
  }
  if (s->count > 0) copy_bytes(s->rows, s->rows + (size_t)s->count * s->pitch, s->pitch);
  s->count = 0;
  s->filtered = false;
  return true;
}

// Takes a row; one that is `first` is not of the size of those before. False where the output has to be taken before.
static bool smallest_row(const u8 *row, const u8 *above, u32 bytes, bool first) {
  struct smallest *s = smallest;
  if (s->count > 0 && (first || s->count == s->most_rows) && !write_strip(s, false)) return false;
  if (first) {
    s->row_bytes = bytes;
    s->pitch = pitch_of(bytes);
    s->most_rows = min_u32(min_u32(s->strip_bytes / (bytes + 1), s->room / s->pitch - 1), MOST_STRIP_ROWS);
    fill_bytes(s->rows, 0, s->pitch);
    copy_bytes(s->rows + ROW_FRONT, above, bytes);
  }
  s->count++;
  u8 *to = s->rows + (size_t)s->count * s->pitch;
  fill_bytes(to, 0, ROW_FRONT);
  copy_bytes(to + ROW_FRONT, row, bytes);
  return true;
}

// Ends the stream; false where the output has to be taken before.
static bool smallest_finish(void) {
  struct smallest *s = smallest;
  if (!write_strip(s, true)) return false;
  if (!output_free()) return false;
  optimal_finish(&s->optimal);
  end_stream(s->adler);
  return true;
}

#endif
