// Runs deflate natively, under the sanitizers: `npm run test:sanitize`.
//
// Streams of many kinds of bytes, at every level, in pieces of any size, come back from an inflate written here for that
// purpose, by RFC 1951 alone; checksums equal those defined by the scalar routines, and those by the definition.
//
// As a target for libFuzzer: clang -DFUZZ -fsanitize=fuzzer,address,undefined -I. png/deflate_test.c

#include "common/native_test.h"

#include "deflate.h"

// ---- inflate ------------------------------------------------------------------------------------

static struct {
  const u8 *from;
  size_t bytes, bit;
  u8 *to;
  size_t made, room;
} inflating;

static u32 take_bits(u32 n) {
  u32 v = 0;
  for (u32 i = 0; i < n; i++, inflating.bit++) {
    expect(inflating.bit / 8 < inflating.bytes, "stream is cut", n, 0, 0);
    v |= (u32)(inflating.from[inflating.bit / 8] >> (inflating.bit & 7) & 1) << i;
  }
  return v;
}

struct decoder {
  u32 count[16], symbols[LITERALS + 2];
};

// A complete code, or none at all.
static void make_decoder(struct decoder *d, const u8 *lengths, u32 n, const char *what) {
  u32 at[17] = {0}, space = 0, used = 0;
  memset(d->count, 0, sizeof d->count);
  for (u32 i = 0; i < n; i++) d->count[lengths[i]]++;
  used = n - d->count[0];
  d->count[0] = 0;
  for (u32 i = 1; i < 16; i++) {
    at[i + 1] = at[i] + d->count[i];
    space += d->count[i] << (15 - i);
  }
  for (u32 i = 0; i < n; i++)
    if (lengths[i] > 0) d->symbols[at[lengths[i]]++] = i;
  expect(used > 1 && space == 1 << 15, what, used, space, n);
}

static u32 take_symbol(const struct decoder *d) {
  i32 code = 0, first = 0, index = 0;
  for (u32 length = 1; length < 16; length++) {
    code |= (i32)take_bits(1);
    i32 count = (i32)d->count[length];
    if (code - count < first) return d->symbols[index + (code - first)];
    index += count;
    first = (first + count) << 1;
    code <<= 1;
  }
  expect(false, "no such code", 0, 0, 0);
  return 0;
}

static void put_byte(u8 byte) {
  expect(inflating.made < inflating.room, "more bytes than went in", 0, 0, 0);
  inflating.to[inflating.made++] = byte;
}

static u32 seen_kinds, seen_last_length, seen_window, seen_short;

static void inflate_codes(const struct decoder *literals, const struct decoder *distances) {
  static const u16 length_base[29] = {3,  4,  5,  6,  7,  8,  9,  10, 11,  13,  15,  17,  19,  23, 27,
                                      31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
  for (;;) {
    u32 symbol = take_symbol(literals);
    if (symbol == 256) return;
    if (symbol < 256) {
      put_byte((u8)symbol);
      continue;
    }
    expect(symbol < 286, "length symbol", symbol, 0, 0);
    u32 slot = symbol - 257, length = length_base[slot];
    if (slot >= 8 && slot < 28) length += take_bits((slot - 4) / 4);
    u32 code = take_symbol(distances);
    expect(code < 30, "distance symbol", code, 0, 0);
    u32 distance = code < 4 ? code + 1 : (2 + (code & 1)) * (1u << (code / 2 - 1)) + take_bits(code / 2 - 1) + 1;
    expect(distance <= inflating.made, "too far back", distance, (u32)inflating.made, 0);
    seen_last_length += length == 258;
    seen_short += length == 3;
    seen_window += distance == 32768;
    for (; length > 0; length--) put_byte(inflating.to[inflating.made - distance]);
  }
}

static void inflate_dynamic(void) {
  static const u8 order[19] = {16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15};
  u32 literals = take_bits(5) + 257, distances = take_bits(5) + 1, codes = take_bits(4) + 4;
  u8 lengths[286 + 32 + 138] = {0};
  expect(literals <= 286 && distances <= 30, "HLIT, HDIST", literals, distances, 0);
  struct decoder d, e;
  for (u32 i = 0; i < codes; i++) lengths[order[i]] = (u8)take_bits(3);
  make_decoder(&d, lengths, 19, "code of lengths");
  memset(lengths, 0, sizeof lengths);
  for (u32 i = 0; i < literals + distances;) {
    u32 symbol = take_symbol(&d), repeat = 1;
    u8 length = (u8)symbol;
    if (symbol == 16) {
      expect(i > 0, "nothing to repeat", 0, 0, 0);
      length = lengths[i - 1];
      repeat = 3 + take_bits(2);
    } else if (symbol > 16) {
      length = 0;
      repeat = symbol == 17 ? 3 + take_bits(3) : 11 + take_bits(7);
    }
    expect(i + repeat <= literals + distances, "too many lengths", i, repeat, 0);
    for (; repeat > 0; repeat--) lengths[i++] = length;
  }
  expect(lengths[256] > 0, "no end of block", 0, 0, 0);
  make_decoder(&d, lengths, literals, "code of literals");
  make_decoder(&e, lengths + literals, distances, "code of distances");
  inflate_codes(&d, &e);
}

static void inflate_stored(void) {
  inflating.bit = (inflating.bit + 7) & ~(size_t)7;
  u32 n = take_bits(16);
  expect((take_bits(16) ^ n) == 0xffff, "NLEN", n, 0, 0);
  for (; n > 0; n--) put_byte((u8)take_bits(8));
}

static void inflate_fixed(void) {
  struct decoder d, e;
  u8 lengths[288];
  memset(lengths, 8, 288);
  memset(lengths + 144, 9, 112);
  memset(lengths + 256, 7, 24);
  make_decoder(&d, lengths, 288, "fixed");
  memset(lengths, 5, 32);
  make_decoder(&e, lengths, 32, "fixed");
  inflate_codes(&d, &e);
}

// ---- streams ------------------------------------------------------------------------------------

static u32 adler_by_definition(const u8 *bytes, size_t n) {
  u64 s1 = 1, s2 = 0;
  for (size_t i = 0; i < n; i++) {
    s1 = (s1 + bytes[i]) % 65521;
    s2 = (s2 + s1) % 65521;
  }
  return (u32)(s2 << 16 | s1);
}

static void check_stream(const u8 *stream_bytes, size_t size, const u8 *bytes, size_t n) {
  u8 *made = malloc(n + 1);
  expect(size >= 6 && (stream_bytes[0] << 8 | stream_bytes[1]) % 31 == 0 && stream_bytes[0] == 0x78, "header", 0, 0, 0);
  inflating.from = stream_bytes + 2;
  inflating.bytes = size - 6;
  inflating.bit = inflating.made = 0;
  inflating.to = made;
  inflating.room = n;
  for (bool last = false; !last;) {
    last = take_bits(1);
    u32 kind = take_bits(2);
    seen_kinds |= 1u << kind;
    if (kind == 0) inflate_stored();
    else if (kind == 1) inflate_fixed();
    else if (kind == 2) inflate_dynamic();
    else expect(false, "kind", kind, 0, 0);
  }
  expect((inflating.bit + 7) / 8 == size - 6, "bytes behind the last block", (u32)size, 0, 0);
  expect(inflating.made == n && memcmp(made, bytes, n) == 0, "other bytes", (u32)n, (u32)inflating.made, 0);
  const u8 *sum = stream_bytes + size - 4;
  u32 adler = (u32)sum[0] << 24 | (u32)sum[1] << 16 | (u32)sum[2] << 8 | sum[3];
  expect(adler == adler_by_definition(bytes, n), "adler", adler, 0, 0);
  free(made);
}

// Rows that the bytes may have, or 0.
static u32 row_bytes, pixel_bytes;

// The stream of the bytes, given in pieces of up to `piece`, with less room in the output by what is drawn by lot.
static u8 *compress(struct deflate_settings settings, const u8 *bytes, size_t n, u32 piece, size_t *size) {
  u8 *file = NULL;
  *size = 0;
  memset(window, (int)noise(), sizeof window);
  memset(chain.before, (int)noise(), sizeof chain.before);
  deflate_begin(settings);
  if (row_bytes > 0) deflate_rows(row_bytes, pixel_bytes);
  for (bool last = false; !last;) {
    u32 part = min_u32(piece == 0 ? 1 + noise() % 70000 : piece, deflate_room());
    if (part >= n) part = (u32)n;
    if (part > 0) memcpy(deflate_input(), bytes, part);
    bytes += part;
    n -= part;
    deflate_push(part);
    last = n == 0 && deflate_room() > 0;
    for (bool done = false; !done;) {
      done = deflate_run(last);
      if (!done || last || noise() % 8 == 0) {
        file = realloc(file, *size + deflate_output_bytes() + 1);
        memcpy(file + *size, deflate_output(), deflate_output_bytes());
        *size += deflate_output_bytes();
        deflate_taken();
      }
    }
    expect(last || deflate_room() > 0, "no room", deflate_room(), 0, 0);
  }
  return file;
}

static size_t check(struct deflate_settings settings, const u8 *bytes, size_t n, u32 piece) {
  size_t size, again;
  row_bytes = noise() & 1 ? noise() % (noise() & 1 ? 40000 : 200) : 0;
  pixel_bytes = 1 + noise() % 8;
  u8 *file = compress(settings, bytes, n, piece, &size);
  check_stream(file, size, bytes, n);
  expect(size <= n + n / 65535 * 5 + 64 + n / 4096, "larger than stored", (u32)size, (u32)n, settings.level);
  if (settings.level == 0) expect(size >= n, "not stored", (u32)size, (u32)n, 0);
  settings.scalar = !settings.scalar;
  u8 *twin = compress(settings, bytes, n, piece, &again);
  if (piece != 0) expect(size == again && memcmp(file, twin, size) == 0, "memory of before shows", settings.level, (u32)n, 0);
  free(file);
  free(twin);
  return size;
}

#ifdef FUZZ

int LLVMFuzzerTestOneInput(const u8 *data, size_t n) {
  if (n < 3) return 0;
  noise_state = data[2] + 1;
  struct deflate_settings settings = {.level = data[0] % 10, .matcher = data[1] & 1};
  // The rest several times over, so that the window moves.
  size_t times = 1 + (data[1] >> 1 & 7) * 32, size = 0;
  u8 *bytes = malloc((n - 3) * times + 1);
  for (size_t i = 0; i < times && size < 1 << 20; i++, size += n - 3) memcpy(bytes + size, data + 3, n - 3);
  check(settings, bytes, size, 0);
  free(bytes);
  return 0;
}

#else

enum kind { NOISE, FLAT, RICH_IN_RUNS, TEXT, PERIODS, EDGE, FEW_VALUES, MIXED, STEEP, KINDS };

static void fill(u8 *to, size_t n, enum kind kind) {
  u32 period = 1 + noise() % 40000, value = noise() & 255;
  for (size_t i = 0; i < n;) {
    switch (kind) {
      case NOISE: to[i++] = (u8)(noise() >> 16); break;
      case FLAT: to[i++] = (u8)value; break;
      case RICH_IN_RUNS: {
        u32 run = 1 + (noise() >> 8) % ((noise() & 7) == 0 ? 600 : 9);
        for (value = noise() >> 13 & 7; run > 0 && i < n; run--) to[i++] = (u8)value;
        break;
      }
      case TEXT: {
        u32 word = noise() % 500, length = 2 + word % 9;
        for (u32 k = 0; k <= length && i < n; k++) to[i++] = k == length ? ' ' : (u8)('a' + (word * 7 + k * k * 3) % 26);
        break;
      }
      case PERIODS:
        to[i] = i < period ? (u8)(noise() >> 16) : to[i - period];
        i++;
        break;
      // The same at 32768 and around it, with noise between.
      case EDGE: {
        u32 at = (u32)(i % 32771), back = 32766 + (u32)(i / 32771) % 5;
        to[i] = at < 400 && i >= back ? to[i - back] : (u8)(noise() >> 16);
        i++;
        break;
      }
      case FEW_VALUES: to[i++] = (u8)(noise() >> 20 & 3); break;
      case MIXED: {
        size_t part = 1 + noise() % 50000;
        if (part > n - i) part = n - i;
        fill(to + i, part, (enum kind)(noise() % MIXED));
        i += part;
        break;
      }
      // Counts like Fibonacci's numbers, for the longest codes.
      default: to[i++] = (u8)(__builtin_ctz(noise() | 1u << 30) + (noise() & 1)); break;
    }
  }
}

static void test_streams(void) {
  static const size_t sizes[] = {0, 1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 63, 64, 65, 257, 258, 259, 260, 500, 1000, 4000, 33000,
                                 65535, 65536, 70000, 400000};
  for (u32 level = 0; level < 10; level++)
    for (u32 matcher = 0; matcher < 2; matcher++)
      for (u32 kind = 0; kind < KINDS; kind++)
        for (u32 s = 0; s < sizeof sizes / sizeof *sizes; s++) {
          size_t n = sizes[s];
          if (n > 100000 && level > 4 && level != 9) continue;
          u8 *bytes = malloc(n + 1);
          fill(bytes, n, (enum kind)kind);
          static const u32 pieces[] = {0, 0, 0, 4096, 977};
          check((struct deflate_settings){.level = (u8)level, .matcher = (u8)matcher}, bytes, n, pieces[noise() % 5]);
          free(bytes);
        }
  expect(seen_kinds == 7, "kinds of blocks", seen_kinds, 0, 0);
  expect(seen_last_length > 0 && seen_short > 0 && seen_window > 0, "extremes", seen_last_length, seen_short, seen_window);
}

// Output that is nearly full when a block comes, in every bit position.
static void test_room(void) {
  u8 bytes[300];
  fill(bytes, sizeof bytes, TEXT);
  for (u32 level = 0; level < 7; level++)
    for (u32 left = 0; left < 400; left++) {
      deflate_begin((struct deflate_settings){.level = (u8)level, .matcher = STRINGS});
      u8 file[1000], *to = file + 2;
      memcpy(file, deflate_output(), 2);
      out.next = output + OUTPUT_FRONT + OUTPUT_BYTES - left;
      memcpy(deflate_input(), bytes, sizeof bytes);
      deflate_push(sizeof bytes);
      u8 *from = out.next;
      bool done = deflate_run(true);
      memcpy(to, from, (size_t)(out.next - from));
      to += out.next - from;
      if (!done) {
        deflate_taken();
        expect(deflate_run(true), "room", level, left, 0);
        memcpy(to, deflate_output(), deflate_output_bytes());
        to += deflate_output_bytes();
      }
      check_stream(file, (size_t)(to - file), bytes, sizeof bytes);
    }
}

static void test_checksums(void) {
  u8 bytes[20000];
  for (u32 round = 0; round < 400; round++) {
    u32 n = round < 200 ? round : noise() % sizeof bytes, offset = noise() % 16;
    if (n + offset > sizeof bytes) n -= 16;
    fill(bytes, sizeof bytes, round % 4 == 0 ? FLAT : NOISE);
    if (round % 8 == 0) memset(bytes, 255, sizeof bytes);
    u32 start = round % 3 == 0 ? 1 : (noise() % 65521) << 16 | noise() % 65521;
    expect(adler32_simd(start, bytes + offset, n) == adler32_scalar(start, bytes + offset, n), "adler", n, start, 0);
    u32 crc = 0xffffffff;
    for (u32 i = 0; i < n; i++) {
      crc ^= bytes[offset + i];
      for (u32 k = 0; k < 8; k++) crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
    u32 cut = n == 0 ? 0 : noise() % n;
    expect(crc32(crc32(0, bytes + offset, cut), bytes + offset + cut, n - cut) == ~crc, "crc", n, cut, 0);
  }
}

// Codes for any counts are complete and within their limit, and no longer than what is planned says.
static void test_codes(void) {
  for (u32 round = 0; round < 3000; round++) {
    u32 counts[LITERALS], n = 2 + noise() % (LITERALS - 1), longest = n <= 19 ? 7 : 14 + (round & 1);
    u8 lengths[LITERALS];
    u32 a = 1, b = 1;
    for (u32 i = 0; i < n; i++) {
      u32 c = a + b;
      counts[i] = round % 3 == 0 ? a : noise() & 1 ? 0 : noise() >> (noise() % 32);
      if (c < 1u << 30) a = b, b = c;
    }
    code_lengths(lengths, counts, n, longest);
    struct decoder d;
    make_decoder(&d, lengths, n, "code");
    for (u32 i = 0; i < n; i++) expect(lengths[i] <= longest && (counts[i] == 0 || lengths[i] > 0), "length", i, n, longest);
  }
}

int main(void) {
  test_checksums();
  test_codes();
  test_room();
  test_streams();
  printf("deflate: all tests passed\n");
  return 0;
}

#endif
