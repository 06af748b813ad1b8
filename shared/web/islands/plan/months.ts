/** Months as people type them (`Apr 2027`, `4/2027`, `04.27`), kept as `2027-04`. */
const SHORT = ["Jan", "Feb", "Mär", "Apr", "Mai", "Jun", "Jul", "Aug", "Sep", "Okt", "Nov", "Dez"];
const BEGINNINGS = ["jan", "feb", "mär|mae|mar", "apr", "mai|may", "jun", "jul", "aug", "sep", "okt|oct", "nov", "dez|dec"];

/** Null for what is no month; "" for nothing. */
export function parseMonth(typed: string): string | null {
  const text = typed.trim().toLowerCase();
  if (!text) return "";
  const iso = /^(\d{4})-(\d{1,2})$/.exec(text);
  if (iso) return checked(Number(iso[1]), Number(iso[2]));
  const figures = /^(\d{1,2})\s*[./ ]\s*(\d{4}|\d{2})$/.exec(text);
  if (figures) return checked(year(figures[2] ?? ""), Number(figures[1]));
  const words = /^([a-zä]{3,9})\.?\s*(\d{4}|\d{2})$/.exec(text);
  if (!words) return null;
  const month = BEGINNINGS.findIndex((each) => new RegExp(`^(${each})`).test(words[1] ?? "")) + 1;
  return checked(year(words[2] ?? ""), month);
}

/** `2027-04` → `Apr 2027`. */
export function month(kept: string): string {
  const [written = "", number = ""] = kept.split("-");
  const name = SHORT[Number(number) - 1];
  return name ? `${name} ${written}` : kept;
}

/** `2027-04-09` → `09.04.2027`. */
export const dayWords = (kept: string): string => kept.split("-").reverse().join(".");

const year = (typed: string): number => (typed.length === 2 ? 2000 : 0) + Number(typed);

function checked(written: number, number: number): string | null {
  if (number < 1 || number > 12 || written < 1900) return null;
  return `${written}-${String(number).padStart(2, "0")}`;
}
