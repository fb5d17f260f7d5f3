"""The browser of tests and benchmarks: one that is here, else Debian's, else Playwright's own; and what both do in it."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def find_browser() -> str | None:
    """The path of a Chromium that can be started, or None."""
    for name in NAMES:
        path = shutil.which(name)
        if path:
            return path
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


def paste(page: Page, text: str) -> None:
    """Put a text into the box of several lines at once, as a paste does, and commit it."""
    page.locator("textarea:visible").evaluate(
        """(box, text) => {
            Object.getOwnPropertyDescriptor(HTMLTextAreaElement.prototype, 'value').set.call(box, text);
            box.dispatchEvent(new Event('input', { bubbles: true }));
        }""",
        text,
    )
    page.locator("textarea:visible").press("Control+Enter")


def main() -> None:
    if find_browser():
        return
    if shutil.which("apt-get") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=False)
    if find_browser():
        return
    subprocess.run([sys.executable, "-m", "playwright", "install", "--with-deps", "chromium"], check=False)
    if not find_browser():
        sys.exit("The browser tests need Chromium: install it (on Debian: apt-get install chromium) and try again.")


if __name__ == "__main__":
    main()
