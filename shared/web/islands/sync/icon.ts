/** Icons of the sprite that the page already uses: no address is written into a script. */
const SVG = "http://www.w3.org/2000/svg";

/** The path of the sprite, from `data-icons` of the body's first bearer or any icon of the page. */
export function sprite(): string {
  const used = document.querySelector("svg.gw-ic use")?.getAttribute("href") ?? "";
  return document.querySelector<HTMLElement>("[data-icons]")?.dataset["icons"] ?? used.split("#")[0] ?? "";
}

export function icon(name: string, small = false): SVGSVGElement {
  const drawn = document.createElementNS(SVG, "svg");
  drawn.setAttribute("class", small ? "gw-ic gw-ic--s" : "gw-ic");
  drawn.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `${sprite()}#ic-${name}`);
  drawn.append(use);
  return drawn;
}
