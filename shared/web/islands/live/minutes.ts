/** The minutes: a rich text for each agenda item, written by whoever may. */
import { write } from "../sync/prose";
import type { Session } from "../sync/session";
import type { Ticket } from "../sync/tickets";

/** Starts an editor in every `[data-minutes=<agenda item>]` that has none yet. */
export function writeMinutes(session: Session, ticket: Ticket | null): void {
  for (const host of document.querySelectorAll<HTMLElement>("[data-minutes]:not([data-open])")) {
    host.dataset["open"] = "";
    const me = { name: ticket?.name ?? "", colour: ticket?.hue ?? 1 };
    const mayWrite = host.dataset["right"] !== "read" && session.right() === "write";
    write(host, session.doc, `minutes.${host.dataset["minutes"]}`, session.awareness, me, mayWrite);
  }
}
