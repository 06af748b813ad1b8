/** What the finance table adds up to, and what the rules of a pot say about it while it is typed. */
import { csrf } from "../sync/tickets";
import { icon } from "../sync/icon";
import { costOf, incomeOf } from "./columns";
import { lineTotal, money } from "./numbers";
import type { Fields, Row } from "../sync/table";
import { say } from "./words";

export type Finding = { code: string; failing: boolean; line_id?: string | null; line?: string | null; rule?: string | null; facts?: Record<string, number | string>; words: string };

/** `least` and `most`: what the costs come to at least and at most. */
export type Sums = { costs: number; incomes: number; missing: number; least: number; most: number };

export function sums(costs: Row[], incomes: Row[]): Sums {
  const paid = costs.reduce((all, row) => all + costOf(row), 0);
  const got = incomes.reduce((all, row) => all + incomeOf(row), 0);
  const bound = (field: string): number => costs.reduce((all, row) => all + (Number(row[field]) || costOf(row)), 0);
  return { costs: paid, incomes: got, missing: paid - got, least: bound("least_cents"), most: bound("most_cents") };
}

/** Fills `[data-sum]` (costs, incomes, missing) and the balance line of the finance tab. */
export function showSums(now: Sums): void {
  for (const place of document.querySelectorAll<HTMLElement>("[data-sum]")) {
    const which = place.dataset["sum"] as "costs" | "incomes" | "missing";
    const text = `${money(Math.abs(now[which]))} €`;
    if (place.textContent !== text) place.textContent = text;
    if (which === "missing") {
      const name = place.parentElement?.querySelector("dt");
      if (name) name.textContent = say(now.missing < 0 ? "tooMuch" : "lacks");
      place.parentElement?.classList.toggle("is-open", now.missing !== 0);
      place.parentElement?.toggleAttribute("hidden", now.missing === 0);
    }
  }
  const range = document.querySelector<HTMLElement>("[data-range]");
  if (range) {
    range.textContent = `${money(now.least)} – ${money(now.most)} €`;
    range.parentElement?.toggleAttribute("hidden", now.least === now.costs && now.most === now.costs);
  }
  if (!now.costs && !now.incomes) return; // nothing stands there yet, which its tab says
  const sign = document.querySelector('[data-tab="finance"] > span');
  const state = now.missing ? "gw-warn" : "gw-ok";
  if (sign && sign.className !== state) {
    sign.className = state;
    sign.replaceChildren(icon(now.missing ? "warn" : "okay", true));
  }
  const short = document.querySelector('[data-tab="finance"] small');
  const text = now.missing ? say(now.missing > 0 ? "shortLacks" : "shortTooMuch", { amount: money(Math.abs(now.missing)) }) : say("shortEven");
  if (short && short.textContent !== text) short.textContent = text;
}

export function balance({ missing }: Sums): string {
  return say(missing > 0 ? "missing" : "beyond", { amount: money(Math.abs(missing)) });
}

/**
 * What volunteers' hours come to: hours × what the pot takes for one, or else what another line does. An amount that
 * somebody has set otherwise stays.
 */
export function valued(rows: Row[], id: string, fields: Fields, findings: Finding[]): Fields {
  const row = rows.find((each) => each.id === id);
  const rate = hourRate(rows.filter((each) => each.id !== id), findings);
  if (!row || !rate || !("hours" in fields || "kind" in fields)) return {};
  const now = { ...row, ...fields };
  const amount = incomeOf(row);
  const others = amount !== 0 && amount !== lineTotal(Number(row["hours"]), rate);
  return now["kind"] === "volunteer" && !others ? { amount_cents: lineTotal(Number(now["hours"]), rate) } : {};
}

/** Cents an hour; 0 where nobody says. */
function hourRate(rows: Row[], findings: Finding[]): number {
  const asked = findings.map((each) => Number(each.facts?.["hour_rate_cents"] ?? 0)).find(Boolean);
  const line = rows.find((each) => each["kind"] === "volunteer" && Number(each["hours"]) && incomeOf(each));
  return asked ?? (line ? Math.round((incomeOf(line) * 1000) / Number(line["hours"])) : 0);
}

/** The findings of this page alone, where no pot is named. */
export function ownFindings(now: Sums): Finding[] {
  return [{ code: "balance", failing: now.missing !== 0, words: now.missing ? balance(now) : say("balance") }];
}

/** The table as `shared/contracts/plan.py` has it; lines without a month count for the one they are typed in. */
export function financePlan(costs: Row[], incomes: Row[], today: Date): unknown {
  const now = today.toISOString().slice(0, 7);
  return {
    costs: costs.map((row) => ({
      id: row.id, label: row["label"], category: row["category"], quantity: row["quantity"],
      unit_price_cents: row["unit_price_cents"], month: row["month"] || now,
    })),
    incomes: incomes.map((row) => ({
      id: row.id, label: row["label"], kind: row["kind"], amount_cents: row["amount_cents"], month: row["month"] || now,
      hours: row["kind"] === "volunteer" && row["hours"] ? row["hours"] : null,
    })),
  };
}

/** What the pot is to be asked: `schedule` only where the project says when it begins and ends. */
export type Asked = { pot_id: string; amount_cents: number; finance: unknown; schedule?: unknown };

export function question(pot: string, costs: Row[], incomes: Row[], work: Row[], starts: string, ends: string): Asked {
  const applied = incomes.filter((row) => row["kind"] === "applied").reduce((all, row) => all + incomeOf(row), 0);
  const asked: Asked = { pot_id: pot, amount_cents: applied, finance: financePlan(costs, incomes, new Date()) };
  if (!starts || !ends) return asked;
  const dated = work.filter((row) => row["starts"] && row["ends"]);
  const lines = dated.map((row) => ({ id: row.id, label: row["label"], starts: row["starts"], ends: row["ends"], after: [] }));
  return { ...asked, schedule: { starts, ends, lines } };
}

/** Asks funding's pure check; null if nobody answers, which disturbs no one who types. */
export async function askPot(endpoint: string, asked: Asked): Promise<Finding[] | null> {
  try {
    const answer = await fetch(endpoint, {
      method: "POST",
      headers: { "content-type": "application/json", accept: "application/json", "x-csrf-token": csrf() },
      body: JSON.stringify(asked),
    });
    if (!answer.ok) return null;
    return ((await answer.json()) as { findings: Finding[] }).findings;
  } catch {
    return null;
  }
}

/** Fills `[data-checks]`: what fails first, with a link to its row. */
export function showFindings(findings: Finding[]): void {
  for (const list of document.querySelectorAll("[data-checks]")) {
    const order = [...findings].sort((a, b) => Number(b.failing) - Number(a.failing));
    list.replaceChildren(...order.map(item));
  }
}

function item(finding: Finding): HTMLLIElement {
  const line = document.createElement("li");
  const sign = document.createElement("span");
  sign.className = finding.failing ? "gw-warn" : "gw-ok";
  sign.append(icon(finding.failing ? "warn" : "check", true));
  const words = document.createElement("span");
  if (finding.line_id) {
    const link = document.createElement("a");
    link.href = `#zeile-${finding.line_id}`;
    link.textContent = finding.line ?? finding.words;
    words.append(link, finding.line ? `: ${finding.words}` : "");
  } else {
    words.append(finding.words);
  }
  line.append(sign, words);
  return line;
}
