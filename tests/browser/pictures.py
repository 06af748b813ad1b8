"""`make pictures`: every page as the people it is for, at 390 and 1280 px, light and dark, with a contact sheet."""

import asyncio
import html
import sys
from pathlib import Path

from playwright.async_api import Browser, async_playwright

from deploy.walkthrough import own_demo
from deploy.walkthrough.checks import Report
from deploy.walkthrough.story import tell
from tests.browser.chromium import executable, launch_args
from tests.browser.tour import VISITORS, Visitor, carry_over, enter, kinds_of_pages

FOLDER = Path("pictures")
WIDTHS = (390, 1280)
SCHEMES = ("light", "dark")


async def take(url: str) -> list[Path]:
    """Takes all pictures of the demo at `url`."""
    taken: list[Path] = []
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=executable(), args=launch_args())
        for who in VISITORS:
            taken += await _of(browser, url, who)
        await browser.close()
    return taken


async def _of(browser: Browser, url: str, who: Visitor) -> list[Path]:
    person, taken = await enter(url, who), []
    pages = [page async for page in kinds_of_pages(person, who)]
    for width in WIDTHS:
        for scheme in SCHEMES:
            viewport = {"width": width, "height": 900}
            context = await browser.new_context(viewport=viewport, color_scheme=scheme, base_url=url)  # type: ignore[arg-type]
            await carry_over(person, context, url)
            page = await context.new_page()
            for kind, path in pages:
                await page.goto(path, wait_until="load")
                await page.wait_for_timeout(250)
                name = kind.strip("/").replace("/", "_") or "start"
                file = FOLDER / f"{who.who}-{name}-{width}-{scheme}.png"
                await page.screenshot(path=file, full_page=True)
                taken.append(file)
            await context.close()
    print(f"{who.who}: {len(pages)} pages", flush=True)
    await person.client.aclose()
    return taken


def _contact_sheet(taken: list[Path]) -> None:
    figures = "\n".join(
        f'<figure><a href="{html.escape(p.name)}"><img loading="lazy" src="{html.escape(p.name)}" alt=""></a>'
        f"<figcaption>{html.escape(p.stem)}</figcaption></figure>"
        for p in sorted(taken)
    )
    style = "body{font:14px sans-serif;display:flex;flex-wrap:wrap;gap:12px}figure{margin:0;width:240px}img{width:100%}"
    sheet = f"<!doctype html><meta charset=utf-8><title>Pictures</title><style>{style}</style>{figures}"
    (FOLDER / "index.html").write_text(sheet, encoding="utf-8")


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    for old in FOLDER.glob("*.png"):
        old.unlink()
    with own_demo(print) as url:
        asyncio.run(tell(url, Report(print)))  # so that there is something to decide, to read and to lead
        taken = asyncio.run(take(url))
    _contact_sheet(taken)
    print(f"{len(taken)} pictures: {FOLDER / 'index.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
