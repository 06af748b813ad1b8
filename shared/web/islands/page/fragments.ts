/** htmx under our policy: no evaluation, no inline styles, nothing of a page left in the browser's store. */
import htmx from "htmx.org";

import { notice } from "./announce";
import { say } from "./words";

type Swap = CustomEvent<{ xhr: XMLHttpRequest; requestConfig: { verb: string; elt: Element }; shouldSwap: boolean; isError: boolean }>;
type Request = CustomEvent<{ verb: string; headers: Record<string, string> }>;
type Failure = CustomEvent<{ xhr: XMLHttpRequest; requestConfig: { verb: string } }>;

/** Answers that hold the same form again, with what was typed and what is wrong with it. */
const SAY_WHY = new Set([400, 409, 412]);

/** Sets htmx up; it starts by itself when the page is parsed, and this runs before. */
export function startFragments(): void {
  htmx.config.includeIndicatorStyles = false;
  htmx.config.allowEval = false;
  htmx.config.historyCacheSize = 0; // a page of one person must not wait for the next at a shared computer
  document.addEventListener("htmx:configRequest", sign as EventListener);
  document.addEventListener("htmx:beforeSwap", showWhy as EventListener);
  document.addEventListener("htmx:responseError", tellFailure as EventListener);
  document.addEventListener("htmx:sendError", tellFailure as EventListener);
}

function sign(event: Request): void {
  const token = document.querySelector<HTMLMetaElement>('meta[name="csrf"]')?.content;
  if (token && event.detail.verb !== "get") event.detail.headers["x-csrf-token"] = token;
}

function showWhy(event: Swap): void {
  const { xhr, requestConfig } = event.detail;
  const whole = /^\s*<!doctype/i.test(xhr.responseText) && !requestConfig.elt.closest("[hx-select]");
  if (requestConfig.verb === "get" || whole || !SAY_WHY.has(xhr.status)) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
}

/** A fragment that only refreshes itself fails quietly: it asks again soon. */
function tellFailure(event: Failure): void {
  if (event.detail.requestConfig.verb === "get") return;
  const status = event.detail.xhr.status;
  notice(say(status === 0 ? "offline" : status === 429 ? "tooMany" : "failed"), true);
}
