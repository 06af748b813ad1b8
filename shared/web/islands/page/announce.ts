/** Says things to people who do not see the page change, and shows notices to everybody. */

/** Says `words` through a live region. Screen readers say only what changes in a region that was there before. */
export function announce(words: string, urgent = false): void {
  const region = voice(urgent ? "alert" : "status");
  region.textContent = "";
  window.setTimeout(() => {
    region.textContent = words;
  }, 100);
}

/** Shows a notice above the page's content, and says it, since the notices are a live region themselves. */
export function notice(words: string, bad = false, ...actions: Node[]): HTMLElement {
  const line = document.createElement("p");
  line.className = bad ? "gw-notice gw-notice--bad" : "gw-notice";
  line.append(words, ...actions);
  const place = document.getElementById("meldungen");
  if (place) place.append(line);
  else announce(words, bad);
  return line;
}

/** Says what the page came with: the server's notices, and what fragments bring along with `data-announce`. */
export function announceNotices(): void {
  const region = document.getElementById("meldungen");
  const lines = [...(region?.children ?? [])];
  // What a live region came with is not said; what is put into it is, even if it stood there already.
  if (region && lines.length) window.setTimeout(() => region.append(...lines), 100);
  document.body.addEventListener("htmx:afterSettle", (event) => {
    const swapped = event.target as Element;
    const news = swapped.matches("[data-announce]") ? [swapped] : swapped.querySelectorAll("[data-announce]");
    for (const line of news) announce(line.getAttribute("data-announce") || line.textContent?.trim() || "");
  });
  document.getElementById("fehler")?.focus();
}

function voice(role: "status" | "alert"): HTMLElement {
  const id = `stimme-${role}`;
  const known = document.getElementById(id);
  if (known) return known;
  const region = document.createElement("p");
  region.id = id;
  region.className = "kern-sr-only";
  region.setAttribute("role", role);
  document.body.append(region);
  return region;
}
