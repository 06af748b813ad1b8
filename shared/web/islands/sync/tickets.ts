/** Asks for a ticket: with one, a page opens the websocket of one document, once, within half a minute. */

export type Right = "read" | "comment" | "write";

export type Ticket = {
  ticket: string;
  url: string;
  person: string;
  name: string;
  hue: number;
  right: Right;
  schema: number;
};

/** `sign-in`: the session is over; `gone`: no right to the document (any more); `later`: no network, or busy. */
export type Answer = { ticket: Ticket } | "sign-in" | "gone" | "later";

export type AskForTicket = () => Promise<Answer>;

/** Asks `endpoint` for a ticket to `document`; `schema` is the newest schema version that this page can edit. */
export function ticketOffice(endpoint: string, document: string, right: Right, schema: number): AskForTicket {
  return async () => {
    let answer: Response;
    try {
      answer = await fetch(endpoint, {
        method: "POST",
        credentials: "same-origin",
        headers: { "content-type": "application/json", accept: "application/json", "x-csrf-token": csrf() },
        body: JSON.stringify({ document, right, schema }),
      });
    } catch {
      return "later"; // no network: fetch says no more than that
    }
    if (answer.status === 401) return "sign-in";
    if (answer.status === 403 || answer.status === 404) return "gone";
    return answer.ok ? { ticket: (await answer.json()) as Ticket } : "later";
  };
}

/** Somebody else has signed in meanwhile, in another tab: what stands on this page must not go out in her name. */
export function onlyFor(person: string, ask: AskForTicket): AskForTicket {
  return async () => {
    const answer = await ask();
    return typeof answer === "object" && answer.ticket.person !== person ? "gone" : answer;
  };
}

/** The page's token against forged requests; empty on a page without session. */
export function csrf(): string {
  return document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content ?? "";
}
