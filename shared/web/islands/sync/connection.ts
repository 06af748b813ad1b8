/** One document's line to the gateway: opened by hand with a fresh ticket each time, counted until all is durable. */
import * as presence from "y-protocols/awareness";
import * as Y from "yjs";

import { PROTOCOL, awareness as awarenessFrame, read, sync, type Frame } from "./frames";
import type { AskForTicket, Ticket } from "./tickets";

/**
 * `saving`: something is on its way and not yet durable. `offline`: it is kept here and tried again. `broken`: what
 * reconnecting cannot mend, with the gateway's close code (4400 to 4499).
 */
export type State =
  | { phase: "connecting" | "saving" | "offline" | "sign-in" }
  | { phase: "saved"; at: Date }
  | { phase: "broken"; code: number; reason: string };

export type Listeners = {
  state?: (state: State) => void;
  /** The document holds all that was durable when we joined; told once per socket. */
  synced?: () => void;
  ticket?: (ticket: Ticket) => void;
  live?: (told: unknown) => void;
};

export type Surroundings = {
  open: (url: string, protocols: string[]) => WebSocket;
  random: () => number;
  wait: (act: () => void, milliseconds: number) => () => void;
};

const BROWSER: Surroundings = {
  open: (url, protocols) => new WebSocket(url, protocols),
  random: Math.random,
  wait: (act, milliseconds) => {
    const timer = setTimeout(act, milliseconds);
    return () => clearTimeout(timer);
  },
};

/** The gateway says something at least every 20 s; a line silent for longer is dead without knowing it. */
const SILENCE = 30_000;
const PRESENCE_EVERY = 100;
const FIRST_RETRY = 500;
const LONGEST_RETRY = 20_000;
const NOTHING = 2; // bytes of the update that changes nothing

type Pending = { nth: number; update: Uint8Array };

export class Connection {
  state: State = { phase: "connecting" };
  ticket: Ticket | null = null;
  /** Where in the stream of documents what we have is known to be durable; 0 if the gateway has not told. */
  position = 0;
  private socket: WebSocket | null = null;
  private sent = 0;
  private answered = false; // our step 2 has gone out: from here on updates follow one by one
  private complete = false; // theirs has come in
  private pending: Pending[] = [];
  private failures = 0;
  private ended = false;
  private asking = false;
  private stopSilence = (): void => {};
  private stopRetry = (): void => {};
  private stopPresence: (() => void) | null = null;

  constructor(
    readonly doc: Y.Doc,
    readonly awareness: presence.Awareness,
    private readonly ask: AskForTicket,
    private readonly listeners: Listeners = {},
    private readonly around: Surroundings = BROWSER,
    /** Origin of what was kept in this browser: not typed now, and told by our step 2. */
    private readonly kept: unknown = null,
  ) {
    doc.on("update", this.onUpdate);
    awareness.on("update", this.onPresence);
  }

  /** Opens the line now, whatever the next try was waiting for. */
  async connect(): Promise<void> {
    if (this.ended || this.socket || this.asking) return;
    this.stopRetry();
    this.tell({ phase: "connecting" });
    this.asking = true;
    const answer = await this.ask();
    this.asking = false;
    if (this.ended) return;
    if (answer === "sign-in") this.tell({ phase: "sign-in" });
    else if (answer === "gone") this.breakOff(4403, "right_gone");
    else if (answer === "later") this.retry();
    else this.open(answer.ticket);
  }

  /** The updates that are not durable yet, oldest first. */
  get unsaved(): Uint8Array[] {
    return this.pending.map((each) => each.update).filter((update) => update.length > NOTHING);
  }

  /** Comes back with a new ticket: what the person may do here may have grown. */
  renew(): void {
    const socket = this.socket;
    if (!socket) return;
    socket.close(1000);
    this.closed(1000, "renewed");
    void this.connect();
  }

  /** The network is gone: says so at once instead of after the silence, and tries again. */
  lost(): void {
    const socket = this.socket;
    if (!socket) return;
    socket.close();
    this.closed(1006, "offline");
  }

  /** The page is going, perhaps to come back: others need not wait for the socket's end to know. */
  hide(): void {
    if (!this.awareness.getLocalState()) return;
    this.awareness.setLocalState(null);
    this.sayWho();
  }

  /** Leaves for good; what was sent is stored all the same. */
  close(): void {
    this.end();
    this.doc.off("update", this.onUpdate);
    this.awareness.off("update", this.onPresence);
  }

  private open(ticket: Ticket): void {
    this.ticket = ticket;
    this.listeners.ticket?.(ticket);
    const socket = this.around.open(ticket.url, [PROTOCOL, `ticket.${ticket.ticket}`]);
    socket.binaryType = "arraybuffer";
    this.socket = socket;
    this.sent = 0;
    this.answered = this.complete = false;
    this.listenForLife();
    socket.addEventListener("open", () => {
      this.sayWho();
      this.send(sync("step1", Y.encodeStateVector(this.doc)));
    });
    socket.addEventListener("message", (event: MessageEvent<ArrayBuffer>) => {
      if (this.socket === socket) this.hear(read(event.data));
    });
    socket.addEventListener("close", (event) => {
      if (this.socket === socket) this.closed(event.code, event.reason);
    });
  }

  private hear(frame: Frame): void {
    this.listenForLife();
    this.failures = 0;
    if (frame.kind === "step1") this.answer(frame.payload);
    else if (frame.kind === "step2") this.take(frame.payload);
    else if (frame.kind === "update") Y.applyUpdate(this.doc, frame.payload, this);
    else if (frame.kind === "awareness") presence.applyAwarenessUpdate(this.awareness, frame.payload, this);
    else if (frame.kind === "query") this.sayWho();
    else if (frame.kind === "saved") this.settle(frame.count, frame.position);
    else if (frame.kind === "live") this.listeners.live?.(frame.told);
  }

  private answer(vector: Uint8Array): void {
    const update = Y.encodeStateAsUpdate(this.doc, vector);
    this.send(sync("step2", update));
    this.answered = true;
    this.pending = [{ nth: ++this.sent, update }]; // holds all that waited
    this.tell({ phase: "saving" });
  }

  private take(update: Uint8Array): void {
    Y.applyUpdate(this.doc, update, this);
    this.complete = true;
    this.listeners.synced?.();
    this.rest();
  }

  private settle(count: number, position: number): void {
    this.position = Math.max(this.position, position);
    this.pending = this.pending.filter((each) => each.nth > count);
    this.rest();
  }

  /** Everything is durable, if it is: also a reader's line, whom nobody asks for anything. */
  private rest(): void {
    if (this.complete && !this.pending.length) this.tell({ phase: "saved", at: new Date() });
  }

  private readonly onUpdate = (update: Uint8Array, origin: unknown): void => {
    if (origin === this || (this.kept !== null && origin === this.kept)) return;
    const nth = this.answered ? ++this.sent : Number.POSITIVE_INFINITY;
    this.pending.push({ nth, update });
    if (!this.answered) return;
    this.send(sync("update", update));
    this.tell({ phase: "saving" });
  };

  private readonly onPresence = (_: unknown, origin: unknown): void => {
    if (origin !== "local" || this.stopPresence) return;
    this.stopPresence = this.around.wait(() => {
      this.stopPresence = null;
      this.sayWho();
    }, PRESENCE_EVERY);
  };

  /** Only of ourselves: echoes of others are worth nothing to the gateway. */
  private sayWho(): void {
    this.send(awarenessFrame(presence.encodeAwarenessUpdate(this.awareness, [this.doc.clientID])));
  }

  private send(frame: Uint8Array<ArrayBuffer>): void {
    if (this.socket?.readyState === 1) this.socket.send(frame);
  }

  private closed(code: number, reason: string): void {
    this.socket = null;
    this.stopSilence();
    this.answered = this.complete = false;
    const others = [...this.awareness.getStates().keys()].filter((client) => client !== this.doc.clientID);
    presence.removeAwarenessStates(this.awareness, others, this);
    if (code >= 4400 && code < 4500) this.breakOff(code, reason);
    else this.retry();
  }

  private retry(): void {
    this.tell({ phase: "offline" });
    const longest = Math.min(LONGEST_RETRY, FIRST_RETRY * 2 ** this.failures++);
    this.stopRetry = this.around.wait(() => void this.connect(), longest * (0.5 + this.around.random() / 2));
  }

  private breakOff(code: number, reason: string): void {
    this.end();
    this.tell({ phase: "broken", code, reason });
  }

  private end(): void {
    this.ended = true;
    this.stopRetry();
    this.stopSilence();
    this.stopPresence?.();
    const socket = this.socket;
    this.socket = null;
    socket?.close(1000);
  }

  private listenForLife(): void {
    this.stopSilence();
    const socket = this.socket;
    this.stopSilence = this.around.wait(() => {
      if (!socket || this.socket !== socket) return;
      socket.close();
      this.closed(1006, "silence"); // a dead line may take minutes to say that it is closed
    }, SILENCE);
  }

  private tell(state: State): void {
    const same = state.phase === this.state.phase && state.phase !== "saved" && state.phase !== "broken";
    this.state = state;
    if (!same) this.listeners.state?.(state);
  }
}
