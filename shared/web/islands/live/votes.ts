/** Votes given without network wait on the phone and go out when it is back; the newest for a poll counts. */
import { announce } from "../page/announce";
import { say } from "./words";

const PREFIX = "gemeinwerk.vote.";
const AGAIN = 5_000;

/**
 * Ballots (forms to `…/polls/<id>/vote`) go out by script and stay on the page. The hidden `command_id` makes a vote
 * count once, however often it is sent.
 */
export function keepVotes(): void {
  document.addEventListener("submit", (event) => {
    const form = event.target as HTMLFormElement;
    const action = form.getAttribute("action") ?? "";
    if (event.defaultPrevented || !/\/polls\/[^/]+\/vote$/.test(action)) return;
    event.preventDefault();
    const body = new URLSearchParams([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    void cast(action, body.toString(), form);
  });
  window.addEventListener("online", () => void sendKept());
  setInterval(() => void sendKept(), AGAIN);
  void sendKept();
}

async function cast(action: string, body: string, form: HTMLFormElement): Promise<void> {
  remember(action, body);
  const answer = await send(action, body);
  if (answer === "no network") tell(form, say("voteKept"));
  else tell(form, say(answer === "counted" ? "voteCounted" : "voteRefused"));
  if (answer === "counted") renew(form);
}

let sending = false;

async function sendKept(): Promise<void> {
  if (sending) return;
  sending = true;
  await sendAll();
  sending = false;
}

async function sendAll(): Promise<void> {
  for (const key of Object.keys(localStorage).filter((each) => each.startsWith(PREFIX))) {
    const action = key.slice(PREFIX.length);
    const body = localStorage.getItem(key);
    if (!body) continue;
    const answer = await send(action, body);
    const form = document.querySelector<HTMLFormElement>(`form[action="${CSS.escape(action)}"]`);
    if (form && answer !== "no network") tell(form, say(answer === "counted" ? "voteCounted" : "voteRefused"));
    if (form && answer === "counted") renew(form);
  }
}

type Outcome = "counted" | "refused" | "no network";

/** A vote that the server has judged is not sent again; one that nobody has heard waits. */
async function send(action: string, body: string): Promise<Outcome> {
  let answer: Response;
  try {
    answer = await fetch(action, { method: "POST", redirect: "manual", headers: { "content-type": "application/x-www-form-urlencoded" }, body });
  } catch {
    return "no network";
  }
  if (answer.status >= 500 || answer.status === 429) return "no network";
  if (localStorage.getItem(PREFIX + action) === body) localStorage.removeItem(PREFIX + action);
  return answer.type === "opaqueredirect" || answer.ok ? "counted" : "refused";
}

function remember(action: string, body: string): void {
  try {
    localStorage.setItem(PREFIX + action, body);
  } catch (error) {
    console.warn("not kept", error);
  }
}

/** The next vote from this form is another command. */
function renew(form: HTMLFormElement): void {
  const id = form.querySelector<HTMLInputElement>('input[name="command_id"]');
  if (id) id.value = uuid();
}

function uuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

function tell(form: HTMLFormElement, words: string): void {
  const line = form.querySelector("p.gw-small");
  if (line) line.textContent = words;
  announce(words);
}
