/** Shows in `[data-saved]` (role="status") whether what was typed is durable; says little and seldom. */
import type { State } from "./connection";
import { icon } from "./icon";
import { english, say } from "./words";

const CALM = 400;
let waiting: ReturnType<typeof setTimeout> | undefined;

/** "Speichert …" comes late, so that quick answers do not flicker and screen readers are not told every stroke. */
export function showState(state: State, reading = false): void {
  clearTimeout(waiting);
  if (state.phase === "saving" || state.phase === "connecting") waiting = setTimeout(() => paint(state, reading), CALM);
  else paint(state, reading);
}

function paint(state: State, reading: boolean): void {
  for (const line of document.querySelectorAll<HTMLElement>("[data-saved]")) {
    const [kind, sign, words] = looks(state, reading);
    if (line.dataset["saved"] === words) continue;
    line.dataset["saved"] = words;
    line.className = `gw-state${kind}`;
    line.replaceChildren(icon(sign, true), words, ...(state.phase === "sign-in" ? [signIn()] : []));
  }
}

function looks(state: State, reading: boolean): [string, string, string] {
  if (reading && state.phase === "offline") return [" gw-state--wait", "offline", say("notConnected")];
  if (reading && state.phase === "saved") return [" gw-state--quiet", "okay", say("reading")];
  if (state.phase === "saved") return ["", "okay", say("saved", { time: clock(state.at) })];
  if (state.phase === "offline") return [" gw-state--wait", "offline", say("offline")];
  if (state.phase === "sign-in") return [" gw-state--wait", "warn", say("signInWhy")];
  if (state.phase === "broken") return [" gw-state--bad", "warn", say("broken")];
  return [" gw-state--quiet", "clock", say(state.phase)];
}

/** In German time, as every other time on the page. */
const clock = (at: Date): string =>
  at.toLocaleTimeString(english() ? "en-GB" : "de-DE", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/Berlin" });

/** In a tab of its own: the text stays here, and coming back connects again. */
function signIn(): HTMLAnchorElement {
  const link = document.createElement("a");
  link.href = "/sign-in";
  link.target = "_blank";
  link.rel = "noopener";
  link.textContent = say("signIn");
  return link;
}
