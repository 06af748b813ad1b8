/** What of a document is kept in this browser, so that nothing typed without network is lost; gone after sign-out. */
import { IndexeddbPersistence } from "y-indexeddb";
import type * as Y from "yjs";

import type { Ticket } from "./tickets";

export const PREFIX = "gemeinwerk.";
const UNSAVED = "gemeinwerk.unsaved.";
const TICKET = "ticket";
const PATIENCE = 3_000;

/** A document's copy in this browser; `origin` marks the updates that came from it. */
export type Copy = {
  origin: unknown;
  /** With what right she was here last, null if this browser has nothing of the document yet; no ticket is kept. */
  known: Ticket | null;
  note: (ticket: Ticket) => void;
  drop: () => Promise<void>;
  remember: (unsaved: string) => void;
};

/** A copy that keeps nothing: for readers, and where the browser forbids its store. */
const NONE: Copy = { origin: null, known: null, note: () => {}, drop: async () => {}, remember: () => {} };

/** Brings back what is kept of `document` for `person` and keeps every change from now on. */
export async function keep(doc: Y.Doc, town: string, document: string, person: string): Promise<Copy> {
  if (!person || !(await usable())) return NONE;
  const name = `${PREFIX}${town}.${document}.${person}`;
  const store = new IndexeddbPersistence(name, doc);
  await Promise.race([store.whenSynced, new Promise((resolve) => setTimeout(resolve, PATIENCE))]);
  const known = (await store.get(TICKET)) as string | undefined;
  let keeping = true;
  // Signing out in another tab deletes the copy: from then on nothing is kept, and typing goes on.
  (await store._db).addEventListener("versionchange", () => {
    keeping = false;
    void store.destroy();
  });
  return {
    origin: store,
    known: known ? (JSON.parse(known) as Ticket) : null,
    note: (ticket) => {
      if (keeping) void store.set(TICKET, JSON.stringify({ ...ticket, ticket: "", url: "" }));
    },
    remember: (unsaved) => remember(UNSAVED + name, unsaved),
    drop: async () => {
      keeping = false;
      remember(UNSAVED + name, "");
      await store.clearData();
    },
  };
}

function remember(key: string, text: string): void {
  try {
    if (text) localStorage.setItem(key, text);
    else localStorage.removeItem(key);
  } catch (error) {
    console.warn("not kept", error); // full or forbidden: the page works, it only cannot survive a crash
  }
}

/** Whether the browser lets us keep anything; private windows of some do not. */
function usable(): Promise<boolean> {
  return new Promise((resolve) => {
    try {
      const asked = indexedDB.open(`${PREFIX}try`);
      asked.onsuccess = () => {
        asked.result.close();
        resolve(true);
      };
      asked.onerror = () => resolve(false);
    } catch {
      resolve(false);
    }
  });
}
