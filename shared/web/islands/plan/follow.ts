/** Following somebody: the page goes where she is, part by part and cell by cell, until one does something oneself. */
import { announce } from "../page/announce";
import { persons, type Somebody } from "../sync/people";
import { choice, say } from "./words";

const KEPT = "gemeinwerk.follow"; // of this tab only: the next part is another page

export class Follow {
  private whom = "";
  private seen = "";
  private missing = 0;
  private bar: HTMLElement | null = null;

  /** `address`: the plan's; parts are pages below it. `changed` is called when following begins or ends. */
  constructor(
    private readonly address: string,
    private readonly part: string,
    private readonly changed: () => void,
  ) {
    this.whom = sessionStorage.getItem(KEPT) ?? "";
    const stop = (event: Event): void => {
      if (this.whom && !(event.target instanceof Element && event.target.closest("[data-follow]"))) this.stop();
    };
    for (const kind of ["wheel", "touchmove", "pointerdown", "keydown"]) document.addEventListener(kind, stop, { passive: true });
  }

  get person(): string {
    return this.whom;
  }

  toggle(person: string): void {
    if (this.whom === person) {
      this.stop();
      return;
    }
    this.whom = person;
    this.seen = "";
    sessionStorage.setItem(KEPT, person);
    this.changed();
  }

  stop(): void {
    this.whom = "";
    sessionStorage.removeItem(KEPT);
    this.bar?.remove();
    this.bar = null;
    announce(say("followEnded"));
    this.changed();
  }

  /** To be called with everybody whenever anybody has moved. Between two pages she is away for a moment. */
  look(everybody: Somebody[]): void {
    if (!this.whom) return;
    const found = persons(everybody).find((each) => each.person === this.whom);
    if (!found) {
      clearTimeout(this.missing);
      this.missing = window.setTimeout(() => this.whom && this.stop(), 10_000);
      return;
    }
    clearTimeout(this.missing);
    this.show(found.name);
    if (found.part && found.part !== this.part) {
      announce(say("followTo", { name: found.name, part: choice("part", found.part) }));
      location.assign(`${this.address}/${found.part}`);
      return;
    }
    if (!found.cell || found.cell === this.seen) return;
    this.seen = found.cell;
    const still = matchMedia("(prefers-reduced-motion: reduce)").matches;
    placeOf(found.cell)?.scrollIntoView({ block: "center", behavior: still ? "auto" : "smooth" });
  }

  private show(name: string): void {
    if (this.bar) return;
    const bar = document.createElement("p");
    bar.className = "gw-follow";
    bar.dataset["follow"] = "";
    const end = document.createElement("button");
    end.type = "button";
    end.className = "gw-text-link";
    end.textContent = say("followEnd");
    end.addEventListener("click", () => this.stop());
    bar.append(say("following", { name }), " ", end);
    document.body.append(bar);
    this.bar = bar;
    announce(say("following", { name }));
  }
}

/** Where a cell is on this page: of a table, a text (`profile.goal`) or a field (`profile/place`). */
function placeOf(cell: string): Element | null {
  const [root = "", name = ""] = [cell.split(".")[0], cell.split(/[./]/)[1]];
  const shown = document.querySelector(`[data-cell="${CSS.escape(cell)}"]`);
  if (shown || root.split("/")[0] !== "profile") return shown;
  return document.querySelector(`[data-text="${CSS.escape(name)}"], [data-field="${CSS.escape(name)}"]`);
}
