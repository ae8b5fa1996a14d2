import { realpath } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Tells files that are only found by going in circles: below a link that leads to a folder which the way to it went through already. A
 * link to another folder gives files of its own, whether or not that folder is searched too.
 */
export class LinkLoops {
  readonly #folder: string;
  readonly #ways = new Map<string, Promise<readonly string[] | undefined>>();

  /** @param folder absolute path that the search begins in */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** @param path absolute, below the folder */
  async isBelowOne(path: string): Promise<boolean> {
    return (await this.#wayTo(dirname(path))) === undefined;
  }

  /** The real paths of the folders from the first one to this; nothing where one of them comes twice. */
  #wayTo(folder: string): Promise<readonly string[] | undefined> {
    const known = this.#ways.get(folder);
    if (known) return known;
    const way = this.#goTo(folder);
    this.#ways.set(folder, way);
    return way;
  }

  async #goTo(folder: string): Promise<readonly string[] | undefined> {
    const isFirst = folder === this.#folder || dirname(folder) === folder;
    const before = isFirst ? [] : await this.#wayTo(dirname(folder));
    // What went away meanwhile is told when it is read.
    const here = await realpath(folder).catch(() => folder);
    return before === undefined || before.includes(here) ? undefined : [...before, here];
  }
}
