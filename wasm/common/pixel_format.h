// How samples lie in memory. The numbers are the ids of src/pixel-format.ts.
#ifndef PIXEL_FORMAT_H
#define PIXEL_FORMAT_H

enum pixel_format {
  GRAY8 = 0,
  GRAYA8 = 1,
  RGB8 = 2,
  RGBA8 = 3,
  BGR8 = 4,
  BGRA8 = 5,
  ARGB8 = 6,
  RGBX8 = 7,
  BGRX8 = 8,
  GRAY16 = 9,
  GRAYA16 = 10,
  RGB16 = 11,
  RGBA16 = 12,
  GRAY1 = 13,
  INDEXED8 = 14,
  PIXEL_FORMATS = 15,
};

#endif
