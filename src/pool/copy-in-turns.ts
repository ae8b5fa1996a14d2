import { checkLength, type TaskInput } from './task-runner.js';

/** What is copied at one go: a millisecond or two, and several times that on a machine with much to do. */
export const TURN_BYTES = 4 * 1024 * 1024;

/**
 * A copy of bytes that would keep this thread for long, 64 MB in one piece for two frames of an animation: made piece by piece, each in a
 * turn of its own.
 *
 * @param goesOn asked before each piece but the first, whether the copy is still wanted
 * @returns undefined where it was not
 * @throws CodecError `CODEC_FAILED` where the bytes have another length than when they were checked
 */
export async function copyInTurns(
  input: TaskInput,
  goesOn: () => boolean,
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const { bytes, byteLength } = input;
  checkLength(input);
  const copy = new Uint8Array(byteLength);
  for (let at = 0; at < byteLength; at += TURN_BYTES) {
    if (at > 0) {
      await nextTurn();
      if (!goesOn()) return undefined;
      checkLength(input);
    }
    copy.set(bytes.subarray(at, at + TURN_BYTES), at);
  }
  return copy;
}

/** When everything else that waits had its turn. Not by a timer: those of a page that is not in sight take a second and more. */
async function nextTurn(): Promise<void> {
  // A channel each time, as Node hands out what comes on the same one in the same turn.
  const { port1, port2 } = new MessageChannel();
  await new Promise((resolve) => {
    port1.onmessage = resolve;
    port2.postMessage(undefined);
  });
  port1.close();
}
