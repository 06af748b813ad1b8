"""What axe finds on a page: WCAG 2.2 A and AA, and its best practices."""

from pathlib import Path

from playwright.async_api import Page

SCRIPT = Path(__file__).parents[2] / "shared/web/node_modules/axe-core/axe.min.js"
_RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_FINDINGS = """rules => axe.run({runOnly: rules, resultTypes: ["violations"]}).then(result => result.violations.map(
  one => one.id + ": " + one.nodes.map(node => node.target.join(" ") + " " + node.failureSummary).join(" | ")))"""


async def findings(page: Page) -> list[str]:
    """A line for each broken rule. The page needs `SCRIPT` as an init script, and a policy that lets it run."""
    found: list[str] = await page.evaluate(_FINDINGS, _RULES)
    return found
