// The matcher for text and graphics at the levels up to 5.
//
// Pictures repeat themselves to the left and from row to row, so those two distances are tried at every place, without a
// table. Tables know the last places of each eight bytes, and the last one of each four and three. Eight bytes that are the
// same are a long match more often than not, so most places cost one look; chains of shorter strings (match_chain.h) find a
// little more, in twice the time.
#ifndef MATCH_STRINGS_H
#define MATCH_STRINGS_H

#include "deflate_price.h"
#include "deflate_window.h"

enum {
  LONG_STRING = 8,
  LONG_BITS = 12,
  SHORT_BITS = 14,
  SHORTEST_BITS = 12,
  // A match of three bytes further back costs as much as three literals.
  SHORTEST_FAR = 4096,
  // Shorter matches have to be worth more than their literals, or nearly so: prices are those of the part before.
  PRICED_LENGTH = 8,
  LEAST_WORTH = -PRICE_BIT,
  // What is new at the beginning of an RGB pixel is left out up to its end: a tenth faster on text, at most 0.7 % larger. Of RGBA
  // pixels many differ in alpha only, or in all else, which would be lost.
  PIXEL_STEP = 3,
  SKIP_AFTER = 5,  // by its logarithm: where so many searches in a row find nothing, places are left out
};

struct string_effort {
  u32 ways;     // places of a long string that are looked at, up to four
  u32 waiting;  // a shorter match waits for whether a longer one begins a byte later
  u32 noted;    // of longer matches only the ends are noted
};

static struct {
  u64 long_strings[1 << LONG_BITS];  // four positions of 16 bits each, the last one lowest
  u16 short_strings[1 << SHORT_BITS];
  u16 shortest[1 << SHORTEST_BITS];
} places;

static struct string_effort string_effort;

static void strings_begin(struct string_effort effort) {
  fill_bytes(&places, 0, sizeof places);
  string_effort = effort;
}

INLINE u64 *place_long(u64 word) { return &places.long_strings[word * 0x9e3779b97f4a7c15ull >> (64 - LONG_BITS)]; }
INLINE u16 *place_short(u64 word) { return &places.short_strings[(u32)word * 0x9e3779b1u >> (32 - SHORT_BITS)]; }
INLINE u16 *place_shortest(u64 word) { return &places.shortest[((u32)word << 8) * 0x9e3779b1u >> (32 - SHORTEST_BITS)]; }

INLINE void note_long(u64 *place, u32 position) { *place = *place << 16 | (position & 0xffff); }

INLINE void note_string(const u8 *at, u32 position) {
  u64 word = load64(at);
  note_long(place_long(word), position);
  *place_short(word) = (u16)position;
  *place_shortest(word) = (u16)position;
}

INLINE u32 longest_at(const u8 *at) { return min_u32((u32)(match.end - at), MAX_MATCH); }

static u32 __attribute__((noinline)) equal_further(const u8 *a, const u8 *b, u32 most) {
  return equal_bytes(a, b, LONG_STRING + 16, most);
}

// How many bytes are equal, where the first eight are known to be.
INLINE u32 equal_long(const u8 *a, const u8 *b, u32 most) {
  u32 equal = u8x16_bitmask(u8x16_eq(u8x16_load(a + LONG_STRING), u8x16_load(b + LONG_STRING)));
  return equal == 0xffff ? equal_further(a, b, most) : min_u32(LONG_STRING + (u32)__builtin_ctz(~equal), most);
}

// The longest match of eight bytes or more, the first one tried of those that are as long; its length, or 0.
INLINE u32 find_long(const u8 *at, u64 word, u32 position, u64 bucket, u32 row, u32 *distance) {
  u32 most = longest_at(at), length = 0, sides[2] = {match.left, row};
  if (load64(at - sides[0]) == word) {
    *distance = sides[0];
    length = equal_long(at, at - sides[0], most);
    if (length == MAX_MATCH) return length;
  }
  for (u32 i = string_effort.ways; i > 0; i--, bucket >>= 16) {
    u32 back = (position - (u32)bucket) & 0xffff;
    if (back - 1 >= HISTORY) break;
    const u8 *from = at - back;
    if (load64(from) != word) continue;
    // A longer one has the bytes where the longest so far ends.
    if (length > 0 && load64(from + length - 7) != load64(at + length - 7)) continue;
    u32 equal = equal_long(at, from, most);
    if (equal > length) {
      length = equal;
      *distance = back;
      if (length == MAX_MATCH) return length;
    }
  }
  if (load64(at - sides[1]) == word) {
    u32 equal = equal_long(at, at - sides[1], most);
    if (equal > length) {
      length = equal;
      *distance = sides[1];
    }
  }
  return length;
}

// A match of at least three bytes, where there is none of eight, at the last place of those four or three bytes.
INLINE u32 find_short(const u8 *at, u64 word, u32 position, u16 four, u16 three, u32 *distance) {
  u32 back = (position - four) & 0xffff;
  u64 differ = back - 1 < HISTORY ? load64(at - back) ^ word : 1;
  if ((u32)differ != 0) {
    back = (position - three) & 0xffff;
    differ = back - 1 < SHORTEST_FAR ? load64(at - back) ^ word : 1;
    if ((differ & 0xffffff) != 0) return 0;
  }
  *distance = back;
  // All eight are equal where the table of long strings forgot that place.
  u32 length = differ == 0 ? equal_long(at, at - back, longest_at(at)) : (u32)__builtin_ctzll(differ) >> 3;
  if (length >= PRICED_LENGTH) return length;
  struct literal_prices literals = {0, 0};
  length = min_u32(length, longest_at(at));
  return length >= MIN_MATCH && match_worth(&literals, at, length, back) > LEAST_WORTH ? length : 0;
}

// Notes places inside of a match, whose first one is noted.
INLINE void note_match(const u8 *at, u32 position, u32 length) {
  if (length <= string_effort.noted) {
    for (u32 i = 1; i < length; i++) note_string(at + i, position + i);
    return;
  }
  note_string(at + 1, position + 1);
  // Four, so that pixels of four bytes, one after the other the same, are found from each of their bytes.
  for (u32 i = length - 4; i < length; i++) note_string(at + i, position + i);
}

static void __attribute__((noinline)) match_strings(u8 *limit) {
  u8 *at = match.at, *literals = match.literals;
  u32 position = position_of(at), missed = 0, symbols = 0, row = row_above(&limit);
  struct sequence *next = match.next;
  u8 *row_end = at - (match.row == 0 ? 0 : (position - match.rows_from) % match.row);
  for (; at < limit && at < window + match.left; at++, position++) match.part_counts[*at]++;
  // Of the last bytes of all there are too few for a search.
  u8 *last = match.end - at < LONG_STRING ? at : match.end - LONG_STRING + 1;
  u8 *stop = limit < last ? limit : last;
  while (at < stop) {
    u64 word = load64(at), *long_place = place_long(word), bucket = *long_place;
    u16 *short_place = place_short(word), *shortest_place = place_shortest(word);
    u16 four = *short_place, three = *shortest_place;
    note_long(long_place, position);
    *short_place = *shortest_place = (u16)position;
    u32 distance, length = find_long(at, word, position, bucket, row, &distance);
    if (length == 0) length = find_short(at, word, position, four, three, &distance);
    if (length == 0) {
      u32 step = 1 + (missed++ >> SKIP_AFTER);
      if (match.left == PIXEL_STEP && step < PIXEL_STEP) {
        while (at >= row_end) row_end += match.row;
        if ((u32)(row_end - at) % PIXEL_STEP == 0) step = PIXEL_STEP;
      }
      for (; step > 0 && at < limit; step--, position++) match.part_counts[*at++]++;
      continue;
    }
    missed = 0;
    if (length < string_effort.waiting && at + 1 < stop) {
      u64 word_behind = load64(at + 1), *place = place_long(word_behind);
      u32 distance_behind, length_behind = find_long(at + 1, word_behind, position + 1, *place, row, &distance_behind);
      if (length_behind > length) {
        match.part_counts[*at++]++;
        note_long(place, ++position);
        length = length_behind;
        distance = distance_behind;
      }
    }
    token t = match_token(length, distance);
    u32 run = (u32)(at - literals);
    *next++ = (struct sequence){run, t};
    symbols += run + 1;
    count_match(match.part_counts, t);
    // What is inside of a long run is all the same.
    bool long_run = length == MAX_MATCH && distance == match.left;
    if (at + length < last && !long_run) note_match(at, position, length);
    at += length;
    position += length;
    literals = at;
  }
  // Behind the last search the rest are literals.
  for (; at < limit; at++) match.part_counts[*at]++;
  match.symbols += symbols;
  // What is counted gets a sequence.
  if (literals < at) {
    *next++ = (struct sequence){(u32)(at - literals), 0};
    match.symbols += (u32)(at - literals);
  }
  match.next = next;
  match.literals = match.at = at;
}

#endif
