/** The entry points, each to be loaded on its own. */
export const load = {
  main: () => import('pixbytes'),
  png: () => import('pixbytes/png'),
  jpeg: () => import('pixbytes/jpeg'),
  webp: () => import('pixbytes/webp'),
};
