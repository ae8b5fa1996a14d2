// What a call of an encoder wants from the host next: the same numbers in every kernel, as
// src/engines/kernels/strip-encoder.ts is the host of them all.
#ifndef ENCODER_WISH_H
#define ENCODER_WISH_H

enum encoder_wish {
  WANT_ROWS = 0,     // the next strip, by <kernel>_rows
  WANT_DRAIN = 1,    // to have the output taken, then <kernel>_resume
  DONE = 2,          // to have the output taken, it was the last
  OVER_LIMIT = 3,    // nothing more: the image needs more memory than it may have
  NO_MEMORY = 4,     // nothing more: it needs more than there is
  WANT_INSPECT = 5,  // the next strip, by <kernel>_inspect
  MISFIT = 6,        // nothing more: the image has colours that the bit depth asked for cannot hold
  FOUND = 7,         // what was found of a band to be taken
};

#endif
