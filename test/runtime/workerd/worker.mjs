import { check } from '../check.mjs';

export default {
  async fetch() {
    const report = await check('worker', {
      main: () => import('pixbytes'),
      png: () => import('pixbytes/png'),
      jpeg: () => import('pixbytes/jpeg'),
      webp: () => import('pixbytes/webp'),
    });
    return Response.json(report);
  },
};
