/** What the tables of the plan consist of, as `shared/contracts/documents.py` has them, and how each cell is typed. */
import { lineTotal, money, parse, parseAmount, quantity } from "./numbers";
import { month, parseMonth } from "./months";
import type { Fields, Row } from "../sync/table";
import { choices, say, type Choices } from "./words";

export type Kind = "text" | "word" | "choice" | "money" | "quantity" | "amount" | "month" | "day" | "after";

/** A cell's way between the row and what people type; `read` gives null for what it cannot understand. */
export type Column = {
  field: string;
  label: string;
  kind: Kind;
  place: string;
  choices?: Choices;
  suggest?: string[];
  when?: (row: Row) => boolean;
  /** The only part of the plan in which this is typed, where the table stands in several. */
  part?: string;
  /** Typed in a row of its own below, which is there where somebody wants it. */
  below?: boolean;
};

/** `extra`: the name of a last column that is not typed in. */
export type Sheet = { name: string; root: string; part: string; prefix: string; empty: Fields; columns: Column[]; sum?: Sum; extra?: string };

type Sum = { label: string; of: (row: Row) => number; column: "own" | string };

const CENTS = 1e12;
const THOUSANDTHS = 1e9;
/** Fields that are live texts in every table. */
export const LIVE: ReadonlySet<string> = new Set(["label"]);

const CATEGORIES = ["Sachkosten", "Investition", "Raum", "Honorar", "Personal", "Öffentlichkeit", "Bewirtung", "Reisen", "Eigenleistung"];

const name = (): Column => ({ field: "label", label: say("label"), kind: "text", place: "name" });

export const costOf = (row: Row): number => lineTotal(Number(row["quantity"]), Number(row["unit_price_cents"]));
export const incomeOf = (row: Row): number => Number(row["amount_cents"]);

export function sheets(): Sheet[] {
  return [
    {
      name: "costs", root: "finance.costs", part: "finance", prefix: "K",
      empty: { label: "", category: "", quantity: 1000, unit: "", unit_price_cents: 0, month: "", least_cents: 0, most_cents: 0 },
      columns: [
        name(),
        { field: "category", label: say("category"), kind: "word", place: "kind", suggest: CATEGORIES },
        { field: "quantity", label: say("quantity"), kind: "amount", place: "qty" },
        { field: "unit_price_cents", label: say("price"), kind: "money", place: "price" },
        { field: "month", label: say("month"), kind: "month", place: "kind" },
        { field: "least_cents", label: say("least"), kind: "money", place: "value", below: true },
        { field: "most_cents", label: say("most"), kind: "money", place: "value", below: true },
      ],
      sum: { label: say("sumCosts"), of: costOf, column: "own" },
    },
    {
      name: "incomes", root: "finance.incomes", part: "finance", prefix: "E",
      empty: { label: "", kind: "own", amount_cents: 0, month: "", hours: 0 },
      columns: [
        name(),
        { field: "kind", label: say("kind"), kind: "choice", place: "qty", choices: "income" },
        { field: "hours", label: say("hours"), kind: "quantity", place: "kind", when: (row) => row["kind"] === "volunteer" },
        { field: "month", label: say("month"), kind: "month", place: "price" },
        { field: "amount_cents", label: say("amount"), kind: "money", place: "value" },
      ],
      sum: { label: say("sumIncomes"), of: incomeOf, column: "amount_cents" },
    },
    {
      name: "work", root: "work", part: "work", prefix: "A",
      empty: { label: "", owner: "", state: "open", effort: 0, starts: "", ends: "", after: "", parent: "" },
      columns: [
        name(),
        { field: "owner", label: say("owner"), kind: "word", place: "qty", part: "work" },
        { field: "state", label: say("state"), kind: "choice", place: "value", choices: "work", part: "work" },
        { field: "effort", label: say("effort"), kind: "quantity", place: "kind", part: "work" },
        { field: "parent", label: say("parent"), kind: "after", place: "kind", part: "work" },
        { field: "starts", label: say("starts"), kind: "day", place: "day", part: "schedule" },
        { field: "ends", label: say("ends"), kind: "day", place: "day", part: "schedule" },
        { field: "after", label: say("after"), kind: "after", place: "kind" },
      ],
    },
    {
      name: "resources", root: "resources", part: "resources", prefix: "R",
      empty: { label: "", kind: "thing", quantity: 1000, unit: "", state: "needed", source: "", need: "" },
      columns: [
        name(),
        { field: "kind", label: say("kind"), kind: "choice", place: "kind", choices: "resource" },
        { field: "quantity", label: say("quantity"), kind: "amount", place: "qty" },
        { field: "state", label: say("state"), kind: "choice", place: "value", choices: "supply" },
        { field: "source", label: say("source"), kind: "word", place: "kind" },
      ],
      extra: say("need"),
    },
    {
      name: "milestones", root: "schedule", part: "schedule", prefix: "M",
      empty: { label: "", day: "", after: "" },
      columns: [
        name(),
        { field: "day", label: say("day"), kind: "day", place: "day" },
        { field: "after", label: say("after"), kind: "after", place: "kind" },
      ],
    },
  ];
}

/** What stands in a cell. `numbers`: id of a row → its printed number. */
export function shown(column: Column, row: Row, numbers: ReadonlyMap<string, string>): string {
  const value = row[column.field] ?? "";
  if (column.when && !column.when(row)) return "";
  if (column.kind === "money") return column.below && !value ? "" : money(Number(value));
  if (column.kind === "quantity") return value ? quantity(Number(value)) : "";
  if (column.kind === "amount") return [quantity(Number(value)), row["unit"]].filter(Boolean).join(" ");
  if (column.kind === "month") return month(String(value));
  if (column.kind !== "after") return String(value);
  return String(value).split(/\s+/).filter(Boolean).map((id) => numbers.get(id) ?? "").filter(Boolean).join(", ");
}

/** The fields that what was typed stands for, or what is wrong with it. */
export function typed(column: Column, text: string, numbers: ReadonlyMap<string, string>): Fields | { wrong: string } {
  const { field, kind } = column;
  if (kind === "text") return { [field]: text.replace(/[\r\n]+/g, " ").slice(0, 300) };
  if (kind === "money") return number(field, text ? parse(text, 2, CENTS) : 0, say("notMoney"));
  if (kind === "quantity") return number(field, text ? parse(text, 3, THOUSANDTHS) : 0, say("notQuantity"));
  if (kind === "amount") {
    const read = parseAmount(text);
    return read ? { quantity: read.quantity, unit: read.unit.slice(0, 120) } : { wrong: say("notAmount") };
  }
  if (kind === "month") {
    const read = parseMonth(text);
    return read === null ? { wrong: say("notMonth") } : { month: read };
  }
  if (kind === "choice") {
    const chosen = options(column).find(([value, words]) => value === text || words.toLowerCase() === text.toLowerCase());
    return chosen ? { [field]: chosen[0] } : { wrong: say("notChoice") };
  }
  if (kind === "day") return /^(\d{4}-\d{2}-\d{2})?$/.test(text) ? { [field]: text } : { wrong: say("notDay") };
  if (kind !== "after") return { [field]: text.replace(/[\r\n]+/g, " ").slice(0, 120) };
  const ids = text.split(/[\s,;]+/).filter(Boolean).map((each) => byNumber(numbers, each));
  if (field === "parent" && ids.length > 1) return { wrong: say("notParent") };
  return ids.includes("") || ids.join(" ").length > 120 ? { wrong: say("notAfter") } : { [field]: ids.join(" ") };
}

export const options = (column: Column): [string, string][] => (column.choices ? choices(column.choices) : []);

function number(field: string, value: number | null, wrong: string): Fields | { wrong: string } {
  return value === null ? { wrong } : { [field]: value };
}

function byNumber(numbers: ReadonlyMap<string, string>, typedNumber: string): string {
  for (const [id, printed] of numbers) if (printed.toLowerCase() === typedNumber.toLowerCase()) return id;
  return "";
}
