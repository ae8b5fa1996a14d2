// Runs the strongest compression natively, under the sanitizers: `npm run test:sanitize`.
//
// Tokens give back the bytes they were made of, at any place of the window, and cost no more than those of a parse that
// always takes the longest match; searches and strips stay within memory of exact sizes. Whether decoders agree is for
// the tests in test/.

#include "common/native_test.h"

// All of the kernel, whose other parts use what these do not.
#include "png.c"

enum { NOISE, FEW, LONG_RUNS, TEXT, REPEATED, EDGE, ZEROS, KINDS };

static void fill(u8 *bytes, u32 n, u32 kind) {
  static const char *const words[] = {"the ", "window ", "moves ", "on ", "and ", "rows ", "repeat ", "it\n"};
  u32 period = kind == EDGE ? HISTORY - 2 + noise() % 4 : 1 + noise() % 700;
  for (u32 i = 0; i < n; i++) {
    u32 v = noise() >> 8;
    bytes[i] = (u8)(kind == NOISE ? v : kind == FEW ? v % 3 * (v >> 12 & 1) : 0);
    if (kind == LONG_RUNS) bytes[i] = i > 0 && v % 200 > 0 ? bytes[i - 1] : (u8)v;
    // A change now and then, and matches of every length.
    if ((kind == REPEATED || kind == EDGE) && (i < period || v % 500 == 0)) bytes[i] = (u8)(v >> 4);
    else if (kind == REPEATED || kind == EDGE) bytes[i] = bytes[i - period];
  }
  for (u32 i = 0; kind == TEXT && i < n;) {
    const char *word = words[noise() >> 8 & 7];
    for (; *word != 0 && i < n; word++) bytes[i++] = (u8)*word;
  }
}

// ---- tokens -------------------------------------------------------------------------------------

static u32 seen_edge, seen_longest, seen_shortest;

// The tokens that were planned for bytes[from..to), of all the bytes that there are before.
static void check_tokens(const struct optimal *o, const u8 *bytes, u32 from, u32 to, u32 kind) {
  u32 count = 0, at = from;
  for (u32 b = 0; b < o->part_count; b++) count += o->parts[o->part_order[b]].tokens;
  for (u32 t = 0; t < count; t++) {
    token token = o->trial[t];
    if (is_literal(token)) {
      expect(at < to && bytes[at] == token, "literal", kind, at, token);
      at++;
      continue;
    }
    u32 length = token_length(token), distance = token_distance(token);
    expect(length >= MIN_MATCH && length <= MAX_MATCH && at + length <= to, "length", kind, at, length);
    expect(distance <= HISTORY && distance <= at, "distance", kind, at, distance);
    for (u32 i = 0; i < length; i++) expect(bytes[at + i] == bytes[at + i - distance], "match", kind, at + i, distance);
    seen_edge += distance > HISTORY - 4;
    seen_longest += length == MAX_MATCH;
    seen_shortest += length == MIN_MATCH;
    at += length;
  }
  expect(at == to, "tokens end", kind, at, to);
}

// What the longest matches cost, as one block.
static u64 greedy_cost(const struct optimal *o, const u8 *bytes, u32 n) {
  u32 counts[SYMBOLS] = {0}, at = 0;
  const found_match *matches = o->matches;
  for (u32 i = 0; i < n; i++) {
    matches += o->match_count[i];
    if (i < at) continue;
    u32 length = o->match_count[i] > 0 ? min_u32(found_length(matches[-1]), n - i) : 0;
    if (length < MIN_MATCH) {
      counts[bytes[i]]++;
      at = i + 1;
    } else {
      count_match(counts, match_token(length, found_distance(matches[-1])));
      at = i + length;
    }
  }
  return histogram_cost(counts) + extra_bits(counts) * COST_BIT;
}

static void test_tokens(void) {
  static const struct optimal_effort efforts[] = {{4, 16, 1, 1}, {32, 64, 2, 1}, {300, 258, 4, 2}};
  static const u32 sizes[] = {1, 2, 3, 4, 5, 17, 258, 259, 600, 5000, 70000, SEGMENT + 40000};
  struct optimal *o = exactly(sizeof *o);
  for (u32 kind = 0; kind < KINDS; kind++)
    for (u32 s = 0; s < sizeof sizes / sizeof *sizes; s++) {
      u32 n = sizes[s] + (s > 5 ? noise() % 50 : 0);
      struct optimal_effort effort = efforts[(kind + s) % 3];
      u8 *bytes = exactly(n + OPTIMAL_SLACK);
      fill(bytes, n, kind);
      // What is behind the end may be anything.
      memset(bytes + n, noise() & 255, OPTIMAL_SLACK);
      memset(o, 0xa5, sizeof *o);
      optimal_begin(o, effort);
      for (u32 at = 0, part; at < n; at += part) {
        u32 left = n - at, most = 1 + noise() % SEGMENT;
        part = left > most + OPTIMAL_MARGIN ? most : left <= SEGMENT ? left : SEGMENT / 2;
        u64 cost = optimal_plan(o, bytes + at, part, left);
        check_tokens(o, bytes, at, at + part, kind);
        u64 greedy = greedy_cost(o, bytes + at, part);
        expect(cost <= greedy + greedy / 200 + 16 * COST_BIT, "dearer than greedy", kind, (u32)cost, (u32)greedy);
        out.next = output + OUTPUT_FRONT;
        optimal_write(o, bytes + at);
        expect(out.next <= output + OUTPUT_FRONT + OUTPUT_BYTES, "output", kind, n, part);
      }
      out.next = output + OUTPUT_FRONT;
      optimal_finish(o);
      free(bytes);
    }
  free(o);
  expect(seen_edge > 0 && seen_longest > 0 && seen_shortest > 0, "not tested", seen_edge, seen_longest, seen_shortest);
}

// ---- strips -------------------------------------------------------------------------------------

// Rows of any length, in memory that held `before`; gives a sum over the stream.
static u32 sum_of_stream(const u8 *pixels, u32 bytes, u32 rows, u32 bpp, u32 level, u32 filter, u8 before, bool scalar) {
  size_t memory_bytes = (size_t)smallest_bytes(bytes);
  u8 *memory = aligned_alloc(64, (memory_bytes + 63) & ~(size_t)63);
  if (memory == NULL) exit(2);
  memset(memory, before, memory_bytes);
  out.next = output + OUTPUT_FRONT;
  u32 sum = 0;
  u8 *above = exactly(bytes);
  memset(above, 0, bytes);
  smallest_begin(memory, bytes, bpp, filter, level, scalar);
  for (u32 y = 0; y < rows; y++)
    // Shorter rows begin anew, as those of a pass do.
    while (!smallest_row(pixels + (size_t)y * bytes, above, y < rows / 2 ? bytes : (bytes + 1) / 2, y == 0 || y == rows / 2)) {
      sum = crc32(sum, output + OUTPUT_FRONT, (u32)(out.next - output - OUTPUT_FRONT));
      out.next = output + OUTPUT_FRONT;
    }
  while (!smallest_finish()) {
    sum = crc32(sum, output + OUTPUT_FRONT, (u32)(out.next - output - OUTPUT_FRONT));
    out.next = output + OUTPUT_FRONT;
  }
  expect(out.next <= output + OUTPUT_FRONT + OUTPUT_BYTES, "output", bytes, rows, level);
  sum = crc32(sum, output + OUTPUT_FRONT, (u32)(out.next - output - OUTPUT_FRONT));
  free(above);
  free(memory);
  return sum;
}

static void test_strips(void) {
  static const u32 sizes[][2] = {{1, 1}, {1, 9000}, {2, 3}, {3, 3}, {7, 40}, {300, 200}, {1000, 300}, {200000, 2}, {SEGMENT, 3}};
  static const u32 bpps[] = {1, 2, 3, 4, 6, 8};
  for (u32 s = 0; s < sizeof sizes / sizeof *sizes; s++)
    for (u32 kind = 0; kind < KINDS; kind += 2) {
      u32 bytes = sizes[s][0], rows = sizes[s][1], bpp = bpps[noise() % 6];
      u32 level = SMALLEST + noise() % 3, filter = noise() % 2 == 0 ? AUTO : noise() % FILTERS;
      u8 *pixels = exactly((size_t)bytes * rows);
      fill(pixels, bytes * rows, kind);
      u32 first = sum_of_stream(pixels, bytes, rows, bpp, level, filter, 0, false);
      expect(first == sum_of_stream(pixels, bytes, rows, bpp, level, filter, 0xa5, true), "depends on its memory", s, kind, level);
      free(pixels);
    }
}

int main(void) {
  test_tokens();
  test_strips();
  printf("smallest: all tests passed\n");
  return 0;
}
