/**
 * Keeps the pages of plans that somebody works on, so that they open again without network: what was typed lies in the
 * document's copy beside them. With network every page comes from the server; signing out empties all of this.
 */
export {};

type Fetching = Event & { request: Request; respondWith: (answer: Promise<Response>) => void };
type Worker = {
  skipWaiting: () => Promise<void>;
  clients: { claim: () => Promise<void> };
  addEventListener: (kind: string, heard: (event: Event & { waitUntil: (work: Promise<unknown>) => void }) => void) => void;
};

const worker = self as unknown as Worker;
const PAGES = "gemeinwerk.pages";
const ASSETS = "gemeinwerk.assets";
const PLAN = /^\/[a-z0-9-]+\/plans\/[0-9a-f-]{36}(\/(profile|work|resources|schedule|finance))?$/;
const PEOPLE = /^\/[a-z0-9-]+\/api\/planning\/plans\/[0-9a-f-]{36}\/people$/;

worker.addEventListener("install", (event) => event.waitUntil(worker.skipWaiting()));
worker.addEventListener("activate", (event) => event.waitUntil(worker.clients.claim()));
worker.addEventListener("fetch", (event) => {
  const { request, respondWith } = event as unknown as Fetching;
  const { origin, pathname } = new URL(request.url);
  if (request.method !== "GET" || origin !== self.location.origin) return;
  if (pathname.startsWith("/assets/")) respondWith.call(event, kept(request));
  else if (PEOPLE.test(pathname) || (request.mode === "navigate" && PLAN.test(pathname))) respondWith.call(event, fresh(request));
});

/** Names of assets never change their content. */
async function kept(request: Request): Promise<Response> {
  const cache = await caches.open(ASSETS);
  const found = await cache.match(request);
  if (found) return found;
  const answer = await fetch(request);
  if (answer.ok && answer.status === 200) await cache.put(request, answer.clone());
  return answer;
}

/** What the server says; without network what it said last. */
async function fresh(request: Request): Promise<Response> {
  const cache = await caches.open(PAGES);
  try {
    const answer = await fetch(request);
    if (answer.ok && !answer.redirected) await cache.put(request, answer.clone());
    return answer;
  } catch (error) {
    const found = await cache.match(request, { ignoreSearch: true, ignoreVary: true });
    if (!found) throw error;
    return found;
  }
}
