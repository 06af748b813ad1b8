/** Cells copied from a spreadsheet: lines of values, tabs between. */
import type { Table } from "../sync/table";
import { typed, type Column } from "./columns";

const MOST = 200;

/** The lines of values, if it is more than one cell that was copied. */
export function copied(event: ClipboardEvent): string[][] | null {
  const text = event.clipboardData?.getData("text/plain") ?? "";
  if (!/\t|\n.*\S/.test(text)) return null;
  return text.replace(/\n$/, "").split(/\r?\n/).slice(0, MOST).map((line) => line.split("\t"));
}

/**
 * Writes `lines` into rows from `first` on, new ones where the table ends. Empty cells of the spreadsheet, and what
 * cannot be read, leave a field as it is.
 */
export function fill(table: Table, columns: Column[], first: string, lines: string[][], numbers: ReadonlyMap<string, string>): void {
  let id = "";
  for (const values of lines) {
    const rows = table.all();
    id = id ? (rows[rows.findIndex((each) => each.id === id) + 1]?.id ?? table.add()) : first;
    values.forEach((value, place) => {
      const column = columns[place];
      const fields = value.trim() && column ? typed(column, value.trim(), numbers) : null;
      if (!fields || "wrong" in fields) return;
      for (const [field, written] of Object.entries(fields)) table.set(id, field, written as string | number);
    });
  }
}
