/**
 * The live session: cards and minutes that everybody sees move, on consoles, screens, the projector and phones.
 *
 * `[data-live]` anywhere on the page with `data-document="meeting-…" data-tickets="…" data-schema="1" data-person="…"
 * data-right="write|read"`. Each optional: `[data-board]` (card board; `data-show` large and only to look at, `data-item`
 * only the cards of that agenda item, `data-site="yes|no"` where who writes sits), `[data-write-card]` (the phone's form),
 * `[data-minutes=<agenda item>]` (rich text), `[data-saved role=status]`, `[data-net]`,
 * clocks (`data-left`, `data-total`, `data-paused`, `data-spoken`). What stands inside `#live`, which
 * is swapped as a whole, needs an id and `hx-preserve`. What the gateway tells of the session arrives at the body as the
 * event `live`.
 */
import { join, type Session } from "../sync/session";
import type { State } from "../sync/connection";
import type { Ticket } from "../sync/tickets";
import { BoardView } from "./board";
import { startClocks } from "./clock";
import { Phone } from "./phone";
import { keepVotes } from "./votes";

type Part = { synced?: (ticket: Ticket | null) => void; state?: (state: State) => void };

const place = document.querySelector<HTMLElement>("[data-live]");
if (place) {
  startClocks();
  keepVotes();
  if (place.dataset["document"]) void open(place);
}

async function open(main: HTMLElement): Promise<void> {
  const parts: Part[] = [];
  let ticket: Ticket | null = null;
  let here = false;
  let latest: State = { phase: "connecting" };
  const session = await join(main, {
    ticket: (given) => {
      ticket = given;
    },
    synced: () => {
      here = true;
      for (const part of parts) part.synced?.(ticket);
    },
    state: (state) => {
      latest = state;
      for (const part of parts) part.state?.(state);
    },
    live: (told) => document.body.dispatchEvent(new CustomEvent("live", { detail: told })),
  });
  parts.push(...partsOf(main, session));
  for (const part of parts) {
    part.state?.(latest);
    if (here) part.synced?.(ticket);
  }
}

function partsOf(main: HTMLElement, session: Session): Part[] {
  const name = `${main.dataset["document"]}.${main.dataset["person"] ?? ""}`;
  const boards = [...document.querySelectorAll<HTMLElement>("[data-board]")].map((board) => new BoardView(board, session));
  const phones = [...document.querySelectorAll<HTMLElement>("[data-write-card]")].map((phone) => new Phone(phone, session, name, storage()));
  const minutes: Part[] = document.querySelector("[data-minutes]") ? [{ synced: (ticket) => void writeLater(session, ticket) }] : [];
  return [...boards, ...phones, ...minutes];
}

/** The editor is heavy: pages without minutes never load it. */
async function writeLater(session: Session, ticket: Ticket | null): Promise<void> {
  const { writeMinutes } = await import("./minutes");
  writeMinutes(session, ticket);
  document.body.addEventListener("htmx:afterSettle", () => writeMinutes(session, ticket));
}

function storage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null; // forbidden: cards still go out while the page is open
  }
}
