"""How many readers can one server answer? Simulated over Streamlit's own protocol, without browsers.

Each reader changes the text every 10 seconds, from a random moment on, to one that nobody has read before. An answer is
timed from sending the change until the page's script has finished. Readers run in this process, beside the server.
"""

import argparse
import asyncio
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode

import numpy as np

from benchmarks.machine import machine
from benchmarks.server import ROOT, Server, served
from benchmarks.visits import FAILURES, LENGTH, Change, Visit, rested, typed, visiting, written

PAUSE = 10.0  # seconds between two changes of one reader
SECONDS = 60.0  # of measuring, after everybody has come
TARGET = 0.5  # seconds, for 95 % of answers


@dataclass(frozen=True)
class Crowd:
    """Readers of one page, and how its browser sends a text."""

    page: str
    path: str
    readers: int
    change: Change = typed
    script: Path = ROOT / "app.py"


CROWDS = (
    Crowd("Explore", "", 100, rested),
    Crowd("Memory", "memory", 30),
    Crowd("Compare", "compare", 30),
    Crowd("Streamlit: one field", "", 100, script=ROOT / "benchmarks" / "empty_page.py"),
)


@dataclass
class Outcome:
    """What one crowd has met with."""

    answers: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    cpu: float = 0.0  # share of one core that the server took
    seconds: float = 0.0

    @property
    def row(self) -> str:
        late = quantiles(self.answers, n=20)[-1]
        each = 1e3 * self.cpu * self.seconds / len(self.answers)
        met = "met" if late <= TARGET and not self.failures else "missed"
        return (
            f"{len(self.answers)} | {1e3 * median(self.answers):.0f} | {1e3 * late:.0f} | {len(self.failures)} | "
            f"{100 * self.cpu:.0f} % | {each:.0f} | {met}"
        )


async def arrived(crowd: Crowd, server: Server, seed: int, visits: AsyncExitStack, outcome: Outcome) -> Visit | None:
    """A reader who has come and typed once: what only a first visit pays for is not measured."""
    chance = np.random.default_rng([seed, 0])
    opened = visiting(server.url, crowd.path, urlencode({"text": written(chance)}))
    try:
        visit = await visits.enter_async_context(opened)
        await visit.send(crowd.change(visit, written(chance)))
    except FAILURES as error:
        outcome.failures.append(repr(error))
        return None
    return visit


async def read(crowd: Crowd, visit: Visit, seed: int, outcome: Outcome) -> None:
    """One reader, for SECONDS; the next change follows an answer that took longer than PAUSE at once."""
    chance = np.random.default_rng([seed, 1])
    due = time.monotonic() + chance.uniform(0, PAUSE)
    end = time.monotonic() + SECONDS
    while due < end:
        await asyncio.sleep(max(0.0, due - time.monotonic()))
        try:
            outcome.answers.append(await visit.send(crowd.change(visit, written(chance))))
        except FAILURES as error:
            outcome.failures.append(repr(error))
            return
        due += PAUSE


async def gathered(crowd: Crowd, server: Server) -> Outcome:
    outcome = Outcome()
    async with AsyncExitStack() as visits:
        coming = []
        for seed in range(crowd.readers):
            coming.append(asyncio.create_task(arrived(crowd, server, seed, visits, outcome)))
            await asyncio.sleep(0.2)  # nobody comes at the same moment
        there = await asyncio.gather(*coming)
        before, began = server.cpu(), time.monotonic()
        await asyncio.gather(*(read(crowd, visit, seed, outcome) for seed, visit in enumerate(there) if visit))
        outcome.seconds = time.monotonic() - began
        outcome.cpu = (server.cpu() - before) / outcome.seconds
    return outcome


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--pages", nargs="*", default=[crowd.page for crowd in CROWDS])
    asked.add_argument("--readers", type=int, help="as many on each page, for a smaller machine")
    options = asked.parse_args()
    print("| page | readers | answers | median, ms | 95 %, ms | failed | server's CPU | CPU an answer, ms | target |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | --- |")
    told: list[str] = []
    for crowd in CROWDS:
        if crowd.page in options.pages:
            used = replace(crowd, readers=options.readers or crowd.readers)
            with served(used.script) as server:
                outcome = asyncio.run(gathered(used, server))
                told += [*outcome.failures[:3], server.complaints()]
            print(f"| {used.page} | {used.readers} | {outcome.row} |", flush=True)
    print(
        f"\nEach changes {LENGTH} characters every {PAUSE:.0f} s. Target: 95 % within {1e3 * TARGET:.0f} ms, none failed."
    )
    print(machine("streamlit", "plotly"))
    print(*filter(None, told), sep="\n")


if __name__ == "__main__":
    main()
