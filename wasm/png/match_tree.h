// Finds matches by a binary tree of strings for each hash of four bytes.
//
// A new position becomes the root of its tree. What was the tree is parted into the strings that sort before it and
// those behind it, on a walk that meets positions from the newest to the oldest; each step shares more bytes with the new
// one than the last on its side, so none of them are compared twice. Matches of three bytes come from a table of the
// newest positions.
//
// A string that equals the new one as far as anyone looks leaves the tree, so that runs do not make it a list.
#ifndef MATCH_TREE_H
#define MATCH_TREE_H

#include "common/simd.h"
#include "deflate_token.h"

enum { TREE_HASH_BITS = 16, TREE_SHORT_BITS = 15 };

// A match as it is kept: length << 20 | symbol of the distance << 15 | distance - 1.
typedef u32 found_match;

INLINE found_match found_of(u32 length, u32 distance) {
  return length << 20 | distance_slot(distance) << 15 | (distance - 1);
}
INLINE u32 found_length(found_match match) { return match >> 20 & 0x1ff; }
INLINE u32 found_slot(found_match match) { return match >> 15 & 31; }
INLINE u32 found_distance(found_match match) { return (match & 0x7fff) + 1; }

struct tree {
  // The next position. They begin where 0 is out of reach; after 4 GB they wrap, see tree_find.
  u32 position;
  u32 root[1 << TREE_HASH_BITS];
  u32 newest[1 << TREE_SHORT_BITS];
  // Of each position in reach, the roots of the strings that sort before and behind.
  u32 child[HISTORY][2];
};

static void tree_begin(struct tree *tree) {
  fill_bytes(tree->root, 0, sizeof tree->root);
  fill_bytes(tree->newest, 0, sizeof tree->newest);
  tree->position = HISTORY;
}

// How many bytes are equal at both places, of at most `most`, where the first `n` are known to be. Reads less than 8 bytes
// further.
INLINE u32 tree_equal(const u8 *a, const u8 *b, u32 n, u32 most) {
  for (; n < most; n += 8) {
    u64 differ = load64(a + n) ^ load64(b + n);
    if (differ != 0) return min_u32(n + (u32)__builtin_ctzll(differ) / 8, most);
  }
  return most;
}

// Takes in the position of `at` and writes its matches, longer and longer and farther and farther; gives where they end.
// At most MAX_MATCH - 2 of them. `limit` bytes may match, and for all positions but those at the end of the stream that
// must be MAX_MATCH, as strings are in order only as far as they were compared. A match of `nice` bytes ends the search.
NOINLINE found_match *tree_find(struct tree *tree, const u8 *at, u32 limit, u32 nice, u32 depth, found_match *out) {
  u32 position = tree->position++;
  if (limit < MIN_MATCH) return out;
  u32 four = load32(at);
  u32 *newest = &tree->newest[((four << 8) * 0x9e3779b1u) >> (32 - TREE_SHORT_BITS)];
  u32 near = position - *newest;
  *newest = position;
  if (near < HISTORY && ((load32(at - near) ^ four) << 8) == 0) *out++ = found_of(MIN_MATCH, near);
  if (limit < 4) return out;

  u32 *root = &tree->root[(four * 0x9e3779b1u) >> (32 - TREE_HASH_BITS)], *node = tree->child[position % HISTORY];
  u32 candidate = *root, best = MIN_MATCH, stop = min_u32(nice, limit);
  *root = position;
  u32 *before = &node[0], *behind = &node[1], before_length = 0, behind_length = 0;
  for (;; depth--) {
    u32 distance = position - candidate;
    // The place of the position that is HISTORY back is taken by the new one.
    if (distance >= HISTORY || depth == 0) {
      *before = *behind = 0;
      return out;
    }
    u32 *child = tree->child[candidate % HISTORY];
    const u8 *match = at - distance;
    u32 length = min_u32(before_length, behind_length);
    if (match[length] == at[length]) {
      length = tree_equal(match, at, length + 1, stop);
      if (length > best) {
        best = length;
        if (length == stop) {
          *out++ = found_of(tree_equal(match, at, length, limit), distance);
          *before = child[0];
          *behind = child[1];
          return out;
        }
        *out++ = found_of(length, distance);
      }
    }
    if (match[length] < at[length]) {
      *before = candidate;
      before = &child[1];
      candidate = *before;
      before_length = length;
    } else {
      *behind = candidate;
      behind = &child[0];
      candidate = *behind;
      behind_length = length;
    }
  }
}

#endif
