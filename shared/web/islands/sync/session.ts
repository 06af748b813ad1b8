/** Joins the document a page is about: brings back what is kept here, connects, and shows how things stand. */
import { Awareness } from "y-protocols/awareness";
import * as Y from "yjs";

import { announce, notice } from "../page/announce";
import { Connection, type State } from "./connection";
import { keep } from "./kept";
import { offer } from "./signout";
import { showState } from "./status";
import { onlyFor, ticketOffice, type Right, type Ticket } from "./tickets";
import { textOf } from "./unsaved";
import { say } from "./words";

/** What a gateway takes at most, and where the page begins to warn (bytes of the encoded document). */
const LARGEST = 1_000_000;
const WARN_AT = 0.8 * LARGEST;
const LOOK_EVERY = 10_000;
const REMEMBER_AFTER = 1_000;
/** A live session tells often; only so often do we ask whether we may write by now. */
const ASK_AGAIN = 15_000;

export type Session = {
  doc: Y.Doc;
  awareness: Awareness;
  connection: Connection;
  /** Right of the ticket we came in with; "read" before the first. */
  right: () => Right;
};

export type Told = {
  /** The document is here: durable, and what this browser kept. Called again after each reconnect. */
  synced?: () => void;
  ticket?: (ticket: Ticket) => void;
  state?: (state: State) => void;
  live?: (told: unknown) => void;
  /** Begins with what this browser kept where there is no network: `ticket` and `synced` are told all the same. */
  offline?: boolean;
};

/**
 * Joins the document that `place` names: `data-document`, `data-tickets` (endpoint), `data-schema` (schema version of
 * the editor), `data-right` (wanted; "write"), `data-person` (who the page is for, "" for nobody; her copy is kept apart), `data-town`.
 */
export async function join(place: HTMLElement, told: Told): Promise<Session> {
  const { document: name = "", tickets = "", person = "", town = location.pathname.split("/")[1] ?? "" } = place.dataset;
  const right = (place.dataset["right"] ?? "write") as Right;
  const doc = new Y.Doc();
  const awareness = new Awareness(doc);
  let asked = 0;
  let begun = false;
  const grown = (): void => {
    if (right === "read" || connection.ticket?.right !== "read" || Date.now() - asked < ASK_AGAIN) return;
    asked = Date.now();
    connection.renew();
  };
  const copy = await keep(doc, town, name, right === "read" ? "" : person);
  const office = onlyFor(person, ticketOffice(tickets, name, right, Number(place.dataset["schema"] ?? 1)));
  const connection = new Connection(
    doc,
    awareness,
    office,
    {
      synced: () => {
        begun = true;
        told.synced?.();
      },
      live: (news) => {
        told.live?.(news);
        grown();
      },
      ticket: (ticket) => {
        copy.note(ticket);
        told.ticket?.(ticket);
      },
      state: (state) => {
        showState(state, connection.ticket?.right === "read");
        told.state?.(state);
        if (state.phase === "offline" && told.offline && copy.known && !begun) {
          begun = true;
          told.ticket?.(copy.known);
          told.synced?.();
        }
        if (state.phase === "broken") void stop(state, connection, () => copy.drop());
      },
    },
    undefined,
    copy.origin,
  );
  showState(connection.state);
  comeBack(connection);
  rememberUnsaved(doc, connection, copy.remember);
  warnWhenHeavy(doc);
  void connection.connect();
  return { doc, awareness, connection, right: () => connection.ticket?.right ?? (begun ? copy.known?.right : null) ?? "read" };
}

/** Offers what is not saved, drops this browser's copy (it holds what the gateway refuses) and begins anew. */
async function stop(state: State & { phase: "broken" }, connection: Connection, drop: () => Promise<void>): Promise<void> {
  const known = [4403, 4413, 4422, 4426].includes(state.code);
  const why = say(known ? (`broken_${state.code}` as "broken_4403") : "broken");
  const text = textOf(connection.unsaved);
  announce(why, true);
  await drop();
  await offer(text ? `${why} ${say("unsaved")}` : why, text, say("reload"));
  location.reload();
}

/** Tries at once when the network, or the person with a new session, is back. */
function comeBack(connection: Connection): void {
  const again = (): void => {
    if (document.visibilityState === "visible") void connection.connect();
  };
  window.addEventListener("online", again);
  window.addEventListener("offline", () => connection.lost());
  window.addEventListener("focus", again);
  document.addEventListener("visibilitychange", again);
  window.addEventListener("pagehide", (event) => {
    if (!event.persisted) connection.hide();
  });
}

/** As plain text, which signing out on any page can offer without loading an editor. */
function rememberUnsaved(doc: Y.Doc, connection: Connection, remember: (text: string) => void): void {
  let waiting: ReturnType<typeof setTimeout> | null = null;
  const look = (): void => {
    waiting = null;
    remember(textOf(connection.unsaved));
    if (connection.unsaved.length) plan();
  };
  const plan = (): void => {
    waiting ??= setTimeout(look, REMEMBER_AFTER);
  };
  doc.on("update", (_update: Uint8Array, origin: unknown) => {
    if (origin !== connection) plan();
  });
}

function warnWhenHeavy(doc: Y.Doc): void {
  let changed = false;
  doc.on("update", () => {
    changed = true;
  });
  const timer = setInterval(() => {
    if (!changed) return;
    changed = false;
    if (Y.encodeStateAsUpdate(doc).length < WARN_AT) return;
    clearInterval(timer);
    notice(say("heavy"));
  }, LOOK_EVERY);
}
