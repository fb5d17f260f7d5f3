"""Takes the pictures of the README, and others to look at, from the running app.

`python -m docs.screenshots ADDRESS` writes docs/explore.png, step.png, compare.png, units.png, lapse.png, memory.png,
gradients.png, what_if.png, train.png (for which it starts a training) and import.png;
`python -m docs.screenshots ADDRESS --all FOLDER` writes every page, light and dark, 1280 and 1920 pixels wide (Step, Compare and Memory on a
narrow screen too), with plain and with awkward text.
"""

import re
import tempfile
from pathlib import Path
from urllib.parse import quote, urlencode

import click
import torch
from playwright.sync_api import Browser, sync_playwright

import pretrained
from benchmarks.browser import find_browser
from lstm_core.saving import listed
from viz.shared.findings import FINDINGS

HERE = Path(__file__).parent
TEXTS = {
    "plain": "",
    "awkward": "text=" + quote("<b>a</b>\t&amp; é🎭 你好 שלום \u202e\x00\x07 end"),
    "long": "text=" + quote("Now is the winter of our discontent made glorious summer by this sun of York; " * 4),
    "lines": "lines=true&text=" + quote("ROMEO:\nWhat shall I swear by?\n\nJULIET:\nDo not swear at all;\n"),
}
PICTURE = re.compile(rf"[a-z-]+-({'|'.join(TEXTS)})-\d+-(dark|light)\.png")  # what --all writes
CHOSEN = "unit=118&step=20"
SHOWN = (
    ("memory", "A unit that knows it is inside quotation marks", 720),
    ("gradients", "A letter remembered over 16 steps", 720),
    ("what-if", "Look for this: break a model that counts", 720),
)


def found(title: str) -> str:
    """The query of the page of a finding that shows what it says."""
    finding = FINDINGS[title]
    text = dict(pretrained.load(finding.model_name, device="cpu").card.examples).get(finding.text, finding.text)
    shown = {"model": finding.model_name, "text": text, **finding.values}
    return urlencode({**shown, "lines": "true" if "\n" in text else "false"}, doseq=True)


def check_free(folder: Path) -> None:
    """Raise ClickException where the whole set would be mixed with, or written over, other files than earlier pictures."""
    foreign = [one.name for one in folder.glob("*") if not PICTURE.fullmatch(one.name)]
    if foreign:
        raise click.ClickException(
            f"{folder} holds {listed(foreign)}: choose an empty or a new folder for the pictures"
        )


def take(browser: Browser, url: str, target: Path, *, width: int, dark: bool, height: int | None = None) -> None:
    """One picture of a page, whole unless `height` says how much of it."""
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light")
    page = context.new_page()
    page.goto(url)
    page.wait_for_selector(
        ".js-plotly-plot .heatmaplayer image, .explore-view[data-read], .stepper.whole, .st-key-widget-task-, .st-key-dropped-file, [data-testid=stImage] img, .unit-view .passage i, [data-testid=stDataFrame]",
        timeout=60_000,
    )
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]')
    page.wait_for_timeout(1500)
    whole = int(page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight"))
    page.set_viewport_size({"width": width, "height": height or whole + 20})
    page.wait_for_timeout(1000)
    page.screenshot(path=target)
    context.close()


def take_lapse(browser: Browser, url: str, target: Path) -> None:
    """The section "How training changed the gates", in the middle of its film."""
    page = browser.new_page(viewport={"width": 1280, "height": 640})
    page.goto(url)
    slider = page.get_by_label("Training step", exact=True)
    page.locator(".film .frame canvas").wait_for(timeout=60_000)
    slider.focus()
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    page.get_by_text("How training changed the gates").last.evaluate("(heading) => heading.scrollIntoView()")
    page.wait_for_timeout(2500)
    page.screenshot(path=target)
    page.close()


def take_training(browser: Browser, url: str, target: Path) -> None:
    """The Train page while a model is trained, which is then stopped."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(url)
    page.get_by_role("button", name="Start training").click(timeout=60_000)
    page.locator(".curves .loss output").filter(has_text=re.compile("at step (1,|[5-9]..)")).wait_for(timeout=120_000)
    page.mouse.move(700, 700)
    page.wait_for_timeout(500)
    page.screenshot(path=target)
    stop = page.get_by_role("button", name="Stop")
    if stop.count():
        stop.click()
    page.close()


def take_import(browser: Browser, url: str, target: Path) -> None:
    """The Import page with a state dict of the zoo's own weights, as someone else would have saved them."""
    model = pretrained.load("embedded_reber", device="cpu")
    symbols = {symbol: number for number, symbol in enumerate(model.config.class_encoder.class_labels)}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "reber.pt"
        torch.save({"state_dict": model.state_dict(), "stoi": symbols}, file)
        page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.goto(url)
        page.locator("input[type=file]").first.set_input_files(file, timeout=60_000)
        page.wait_for_selector(".explore-view[data-read]", timeout=60_000)
        page.wait_for_timeout(1500)
        page.screenshot(path=target)
        page.close()


@click.command()
@click.argument("address")
@click.option("--all", "folder", type=click.Path(file_okay=False, path_type=Path), help="Where to put the whole set.")
def main(address: str, folder: Path | None) -> None:
    """Take pictures of the app that runs at ADDRESS."""
    if folder is not None:
        check_free(folder)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=["--no-sandbox", "--disable-gpu"])
        if folder is None:
            take(browser, f"{address}/?{CHOSEN}", HERE / "explore.png", width=1280, dark=False, height=720)
            take(browser, f"{address}/step?{CHOSEN}", HERE / "step.png", width=1280, dark=False, height=720)
            take(browser, f"{address}/compare", HERE / "compare.png", width=1280, dark=False, height=720)
            take(
                browser,
                f"{address}/units?model=python&unit=132",
                HERE / "units.png",
                width=1280,
                dark=False,
                height=720,
            )
            take_lapse(browser, f"{address}/compare?model=anbn&signal=cell", HERE / "lapse.png")
            for path, title, height in SHOWN:
                target = HERE / f"{path.replace('-', '_')}.png"
                take(browser, f"{address}/{path}?{found(title)}", target, width=1280, dark=False, height=height)
            take_training(browser, f"{address}/train?task=embedded_reber", HERE / "train.png")
            take_import(browser, f"{address}/import", HERE / "import.png")
            return
        folder.mkdir(parents=True, exist_ok=True)
        for page in (
            "explore",
            "step",
            "compare",
            "memory",
            "gradients",
            "what-if",
            "train",
            "import",
            "units",
            "models",
        ):
            for name, query in TEXTS.items():
                narrow = ((390, False), (390, True)) if page in ("step", "compare", "memory") else ()
                for width, dark in ((1280, False), (1280, True), (1920, False), (1920, True), *narrow):
                    target = folder / f"{page}-{name}-{width}-{'dark' if dark else 'light'}.png"
                    path = "" if page == "explore" else page
                    take(browser, f"{address}/{path}?{query}", target, width=width, dark=dark)
        browser.close()


if __name__ == "__main__":
    main()
