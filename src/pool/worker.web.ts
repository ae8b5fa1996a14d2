import { serve } from './serve.js';

serve({
  post: (reply, transfer) => self.postMessage(reply, { transfer: [...transfer] }),
  onRequest: (listener) => {
    self.addEventListener('message', ({ data }) => listener(data));
    // Or the call would wait for ever.
    self.addEventListener('messageerror', () => {
      throw new Error('A request could not be read');
    });
  },
});
