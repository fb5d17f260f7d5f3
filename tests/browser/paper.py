"""What is cut off when a page is printed."""

from playwright.sync_api import Page

LISTEN = """() => {
    const look = ({ matches }) => {
        const paper = document.documentElement.clientWidth;
        if (!matches || paper === window.innerWidth) return; // the window, not the paper
        const found = [];
        const walk = (root, whole) => {
            for (const one of root.querySelectorAll('*')) {
                if (one.shadowRoot) walk(one.shadowRoot, true);
                if (one.matches('.cursor')) continue; // it moves within a frame that cuts it
                if (one.matches('.katex-display, .main-svg') && one.getBoundingClientRect().width < 100)
                    found.push(`${one.getAttribute('class')} is gone`);
                if (!whole && !one.matches('.main-svg, .katex-html .base, .stTable, [role=radio], canvas')) continue;
                const box = one.getBoundingClientRect();
                if (box.width && box.right > paper + 1)
                    found.push(`${one.tagName} ${one.getAttribute('class')} ends at ${Math.round(box.right)} of ${paper}`);
            }
        };
        walk(document, false);
        window.cut = found;
    };
    window.cut = null;
    // Called when the page is laid out for the paper, which is never on the screen.
    matchMedia('print').addEventListener('change', look);
}"""


def cut_on_paper(page: Page, *, landscape: bool = False) -> list[str]:
    """Which figures, drawings and equations of a page end beyond the right edge of an A4 sheet? None where all fit."""
    page.evaluate(LISTEN)
    for _ in range(3):  # the browser may be between two frames, and not say that it has laid out the sheet
        page.pdf(format="A4", landscape=landscape)
        cut = page.evaluate("window.cut")
        if cut is not None:
            return list(cut)
    raise AssertionError("the page was not laid out for paper")
