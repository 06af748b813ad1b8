/** What somebody typed and the gateway has not yet called durable, as text she can copy. */
import * as Y from "yjs";

/** The readable strings of updates, in the order in which they were typed; ids and dates count as well as words. */
export function textOf(updates: Uint8Array[]): string {
  const lines: string[] = [];
  let run = "";
  let end: Y.ID | null = null;
  const close = (): void => {
    if (run.trim()) lines.push(run.trim());
    run = "";
  };
  for (const { structs } of updates.map((update) => Y.decodeUpdate(update))) {
    for (const struct of structs) {
      if (!(struct instanceof Y.Item)) continue;
      if (!(struct.content instanceof Y.ContentString)) {
        close();
        if (struct.content instanceof Y.ContentAny) lines.push(...struct.content.arr.filter(isWords));
        continue;
      }
      const follows = end && struct.origin && Y.compareIDs(end, struct.origin);
      if (!follows) close();
      run += struct.content.str;
      end = Y.createID(struct.id.client, struct.id.clock + struct.length - 1);
    }
  }
  close();
  return [...new Set(lines)].join("\n");
}

const isWords = (value: unknown): value is string => typeof value === "string" && /[^\W\d_]{2}/.test(value) && !/^[0-9a-f-]{16,}$/.test(value);
