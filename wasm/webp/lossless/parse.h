// The parser: the tokens that take the fewest bits by what they took in the tokens of a first pass. The cheapest way to each place
// of a part of the image is found, from the first to the last, and then followed back.
//
// What is in the cache of colours at a place does not depend on the tokens before, so what a literal takes is known beforehand.
#ifndef PARSE_H
#define PARSE_H

#include "cache.h"
#include "match.h"

enum {
  PART_PIXELS = 1 << 15,  // copies end where a part ends
  // Where a copy goes on for so many pixels, what would be found here is hardly better, and less is tried.
  LEAST_CARRIED = 8,
  LONG = 96,              // a copy as long is taken whole, without a look at the places within
  NEARBY = 16,            // with a copy from nearby that is as long nothing is looked for further away
};

struct step { u32 cost, literal, code; u32 length; };  // of the way to a place: what it took, the literal from it on, the token to it

// What the literals of n pixels from `at` on take, and the colours that are in the cache then.
NOINLINE void price_literals(struct step *steps, u32 at, u32 n, u32 cache_bits) {
  const argb *pixels = match.pixels + at;
  for (u32 i = 0; i < n; i++) {
    argb pixel = pixels[i];
    price_place(at + i);
    if (cache_bits > 0) {
      u32 slot = cache_slot(pixel, cache_bits);
      if (cache[slot] == pixel) {
        u32 cached = price->symbols[CACHED + slot], plain = literal_price(pixel);
        steps[i].literal = min_u32(cached, plain);
        continue;
      }
      cache[slot] = pixel;
    }
    steps[i].literal = literal_price(pixel);
  }
}

// A copy from place i of the part as one of each length above `longest`; gives its length, or `longest` where that is not less.
NOINLINE u32 parse_copy(struct step *steps, u32 i, u32 at, u32 distance, u32 most, u32 longest) {
  const argb *a = match.pixels + at;
  u32 length = equal_pixels(a, a - distance, most);
  if (length <= longest) return longest;
  u32 code = distance_code(distance, match.width);
  u32 base = steps[i].cost + price->distances[prefix_of(code).symbol];
  for (u32 l = length >= LONG ? length : longest + 1; l <= length; l++) {
    u32 cost = base + price->lengths[l];
    if (cost < steps[i + l].cost) {
      steps[i + l].cost = cost;
      steps[i + l].length = l;
      steps[i + l].code = code;
    }
  }
  return length;
}
INLINE void parse_try(struct step *steps, u32 i, u32 at, u32 distance, u32 most, u32 *longest) {
  const argb *a = match.pixels + at, *b = a - distance;
  if (*longest >= most || b[*longest] != a[*longest] || b[0] != a[0]) return;
  *longest = parse_copy(steps, i, at, distance, most, *longest);
}

// Ways on from all places of a part of n pixels.
NOINLINE void parse_part(struct step *steps, u32 start, u32 n) {
  for (u32 i = 1; i <= n; i++) steps[i].cost = ~0u;
  steps[0].cost = 0;
  u32 carried = 0, carried_end = 0;  // a copy from further away, found at a place before
  for (u32 i = 0; i < n;) {
    u32 at = start + i, literal = steps[i].cost + steps[i].literal;
    if (literal < steps[i + 1].cost) {
      steps[i + 1].cost = literal;
      steps[i + 1].length = 1;
      steps[i + 1].code = 0;
    }
    u32 most = min_u32(n - i, MAX_LENGTH), longest = 0;
    price_place(at);
    if (at >= match.width) parse_try(steps, i, at, match.width, most, &longest);
    if (at >= 1) parse_try(steps, i, at, 1, most, &longest);
    if (longest < NEARBY && match.tries > 0 && at + 1 < match.count) {
      u32 tries = match.tries;
      if (carried_end > at + LEAST_CARRIED) {
        parse_try(steps, i, at, carried, most, &longest);
        tries = min_u32(tries, match.carried_tries);
      }
      match_note(at);
      u32 run_end = at < match.run_end ? match.run_end : run_end_at(at);
      u32 place = match.last[hash_at(at, run_end)];
      for (u32 last = at + 1; tries > 0 && place != NO_PLACE && place < last; tries--) {
        u32 distance = at + 1 - place, before = longest;
        if (distance > MAX_DISTANCE || distance > match.ring) break;
        parse_try(steps, i, at, distance, most, &longest);
        if (longest > before) {
          carried = distance;
          carried_end = at + longest;
        }
        if (longest >= LONG) break;
        last = place;
        place = match.before[(place - 1) & match.ring];
      }
    }
    i += longest >= LONG ? longest : 1;
  }
}

// Follows the way to the end of a part back; gives the tokens of it, in order, and how many they are, of at most `room`.
static u32 parse_back(const struct step *steps, u32 n, u32 *tokens, u32 room) {
  u32 count = 0;
  for (u32 i = n; i > 0; i -= steps[i].length) count++;
  if (count > room) return TOO_MANY;
  u32 *to = tokens + count;
  for (u32 i = n; i > 0; i -= steps[i].length) *--to = steps[i].code == 0 ? 0 : copy_token(steps[i].length, steps[i].code);
  return count;
}

enum { PARSE_BYTES = (PART_PIXELS + 1) * sizeof(struct step) };

// Tokens of the whole image, literals not yet from the cache; gives how many they are, of at most `room`. match_begin() was called
// anew.
NOINLINE u32 parse_image(u32 *tokens, u32 room, struct step *steps, u32 cache_bits) {
  u32 count = 0;
  if (cache_bits > 0) cache_clear(cache_bits);
  for (u32 start = 0; start < match.count; start += PART_PIXELS) {
    u32 n = min_u32(PART_PIXELS, match.count - start);
    price_literals(steps, start, n, cache_bits);
    parse_part(steps, start, n);
    u32 more = parse_back(steps, n, tokens + count, room - count);
    if (more == TOO_MANY) return TOO_MANY;
    count += more;
  }
  return count;
}

#endif
