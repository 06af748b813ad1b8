/** Lets the plan open without network: its five pages are kept in this browser until the person signs out. */
import { icon } from "../sync/icon";
import { say } from "./words";

const PAGES = "gemeinwerk.pages";
const ASSETS = "gemeinwerk.assets";
/** A gateway that is replaced is back sooner. */
const LOST_FOR = 3_000;
let lost: ReturnType<typeof setTimeout> | undefined;
const PARTS = ["profile", "work", "resources", "schedule", "finance"];

/** A bar that stays in sight while the network is away, for who may write; the status line tells it at once. */
export function tellOffline(main: HTMLElement, phase: string): void {
  if (phase === "connecting" || main.dataset["right"] === "read") return;
  if (phase === "offline") {
    lost ??= setTimeout(showOffline, LOST_FOR);
    return;
  }
  clearTimeout(lost);
  lost = undefined;
  document.querySelector("body > .gw-offline")?.remove();
}

function showOffline(): void {
  if (document.querySelector("body > .gw-offline")) return;
  const bar = document.createElement("p");
  bar.className = "gw-offline";
  bar.append(icon("offline"), say("offlineWhy"));
  document.body.append(bar);
}

/**
 * `script`: address of the worker; `address`: that of the plan, `names`: where its people's names are. Where the browser
 * forbids it, the page works as before.
 */
export async function keepPages(script: string, address: string, names: string): Promise<void> {
  if (!script || !("serviceWorker" in navigator) || !("caches" in window)) return;
  try {
    await navigator.serviceWorker.register(script, { scope: address.slice(0, address.lastIndexOf("/") + 1) });
    const assets = await caches.open(ASSETS);
    for (const { name } of performance.getEntriesByType("resource")) {
      if (new URL(name).pathname.startsWith("/assets/") && !(await assets.match(name))) await assets.add(name);
    }
    const pages = await caches.open(PAGES);
    for (const page of [location.pathname, names, ...PARTS.map((part) => `${address}/${part}`)]) {
      if (page === location.pathname || !(await pages.match(page))) await pages.add(page);
    }
  } catch (error) {
    console.info("not kept for later", error);
  }
}
