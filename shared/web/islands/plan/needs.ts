/** A row of the resource plan becomes a need on the marketplace at one click; what becomes of it comes back as an edit. */
import { html, nothing, type TemplateResult } from "lit/html.js";

import { announce, notice } from "../page/announce";
import { icon } from "../sync/icon";
import type { Row, Table } from "../sync/table";
import { csrf } from "../sync/tickets";
import { quantity } from "./numbers";
import { say } from "./words";

const KINDS: Record<string, string> = { people: "hands", hours: "hands", room: "room", thing: "thing", know_how: "skill" };
const SHORTEST = 3;
const LONGEST = 200;

export class Needs {
  private readonly asking = new Set<string>();

  constructor(
    private readonly town: string,
    private readonly project: string,
    private readonly table: Table,
    private readonly mayWrite: () => boolean,
    private readonly draw: () => void,
  ) {}

  /** What stands in the column "Gesuch": where it is, whether it is found, or the button that makes one. */
  cell(row: Row, number: string): TemplateResult | typeof nothing {
    if (row["need"]) {
      const waits = row["state"] === "needed";
      const says = row["state"] === "secured" ? "needFound" : waits ? "needOpen" : "needOffered";
      return html`<a class="gw-state gw-small ${waits ? "gw-state--wait" : ""}" href="/${this.town}/projects/${this.project}#gesuche">${icon(waits ? "clock" : "okay", true)}${say(says)}</a>`;
    }
    if (!this.mayWrite() || row["state"] !== "needed" || String(row["label"]).trim().length < SHORTEST) return nothing;
    return html`<button type="button" class="kern-btn kern-btn--secondary kern-btn--x-small" aria-label=${say("needMakeOf", { name: number })} ?disabled=${this.asking.has(row.id)}
      @click=${() => void this.publish(row)}><span class="kern-label">${say("needMake")}</span></button>`;
  }

  /** Twice by one person, or once by two at the same moment, is one need: its id follows from the row. */
  private async publish(row: Row): Promise<void> {
    this.asking.add(row.id);
    this.draw();
    const id = needId(this.project, row.id);
    const answer = await this.post(id, row);
    // One that was withdrawn before stays so; what is asked for again is another need.
    const need = answer === "taken" ? crypto.randomUUID?.() ?? needId(this.project, `${row.id}/${Date.now()}`) : id;
    const made = answer === "taken" ? await this.post(need, row) : answer;
    this.asking.delete(row.id);
    if (made === "") {
      this.table.set(row.id, "need", need);
      announce(say("needMade"));
    } else {
      notice(made === "taken" ? say("needFailed") : made, true);
    }
    this.draw();
  }

  /** "" if it is published, "taken" if that id cannot be any more, otherwise what is wrong in words. */
  private async post(id: string, row: Row): Promise<string> {
    const many = Number(row["quantity"]) !== 1000 || row["unit"] ? ` (${[quantity(Number(row["quantity"])), row["unit"]].filter(Boolean).join(" ")})` : "";
    const what = `${String(row["label"]).trim().slice(0, LONGEST - many.length)}${many}`;
    try {
      const answer = await fetch(`/${this.town}/api/marketplace/need/${id}/publish-need`, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "application/json", "x-csrf-token": csrf() },
        body: JSON.stringify({ project: this.project, kind: KINDS[String(row["kind"])] ?? "thing", what }),
      });
      if (answer.ok) return "";
      if (answer.status === 409) return "taken";
      return ((await answer.json()) as { title?: string }).title ?? say("needFailed");
    } catch {
      return say("needNoNetwork");
    }
  }
}

/** The same for everybody: FNV-1a of 128 bits over project and row, in the form of a UUID (version 8, RFC 9562). */
export function needId(project: string, row: string): string {
  let hash = 0x6c62272e07bb014262b821756295c58dn;
  for (const byte of new TextEncoder().encode(`${project}/${row}`)) {
    hash = BigInt.asUintN(128, (hash ^ BigInt(byte)) * 0x0000000001000000000000000000013bn);
  }
  const hex = hash.toString(16).padStart(32, "0");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20)}`;
}
