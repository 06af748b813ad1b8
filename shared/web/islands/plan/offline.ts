/** Lets the plan open without network: its five pages are kept in this browser until the person signs out. */
const PAGES = "gemeinwerk.pages";
const ASSETS = "gemeinwerk.assets";
const PARTS = ["profile", "work", "resources", "schedule", "finance"];

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
