/** What was written without network waits here under an id of its own, so that it arrives exactly once. */

/** A card that is not yet known to be durable. */
export type Waiting = { id: string; text: string; item: string };

/** A list in this browser's store, or in memory where that is forbidden; `name` says whose it is. */
export class Queue {
  private waiting: Waiting[];

  constructor(
    private readonly name: string,
    private readonly store: Pick<Storage, "getItem" | "setItem" | "removeItem"> | null,
  ) {
    this.waiting = this.load();
  }

  all(): Waiting[] {
    return [...this.waiting];
  }

  add(card: Waiting): void {
    this.waiting.push(card);
    this.keep();
  }

  /** Forgets what is durable. */
  done(ids: Iterable<string>): void {
    const gone = new Set(ids);
    this.waiting = this.waiting.filter((card) => !gone.has(card.id));
    this.keep();
  }

  private load(): Waiting[] {
    try {
      const kept = JSON.parse(this.store?.getItem(this.name) ?? "[]") as Waiting[];
      return Array.isArray(kept) ? kept.filter((card) => typeof card.id === "string" && typeof card.text === "string") : [];
    } catch {
      return []; // not ours, or cut off: nothing of it could be shown
    }
  }

  private keep(): void {
    try {
      if (this.waiting.length) this.store?.setItem(this.name, JSON.stringify(this.waiting));
      else this.store?.removeItem(this.name);
    } catch (error) {
      console.warn("not kept", error); // full: it still goes out while the page is open
    }
  }
}

/** Also keeps the order in which cards were written when several arrive at once. */
export function deliver(queue: Queue, put: (card: Waiting) => void): void {
  for (const card of queue.all()) put(card);
}
