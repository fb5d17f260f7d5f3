"""Does the server's memory grow with every answer? Readers come, change the text a few times, and leave, again and again.

Resident memory is read after a warm-up that fills every bounded cache, and at the end, each once all have left and the
server has collected its garbage. Streamlit keeps a visit for two minutes, in case its reader's network comes back: here
for five seconds, so that only what would stay for ever is counted.
"""

import argparse
import asyncio
import time
from collections.abc import Iterator
from itertools import count
from urllib.parse import urlencode

import numpy as np

from benchmarks.machine import machine
from benchmarks.server import Server, served
from benchmarks.visits import FAILURES, rested, visiting, written

RERUNS = 10_000
WARM_UP = 1_000  # reruns
FORGET = ("--server.disconnectedSessionTTL", "5")
STAY = 10  # reruns of one visit
AT_ONCE = 4  # readers
REST = 15.0  # seconds for the server to collect its garbage
TARGET = 20.0  # MB
PAGES = ("", "memory", "", "compare", "", "step")


async def stay(server: Server, number: int) -> int:
    """One visit: how many runs of the page it took."""
    chance = np.random.default_rng(number)
    async with visiting(server.url, PAGES[number % len(PAGES)], urlencode({"text": written(chance)})) as visit:
        for _ in range(STAY - 1):
            await visit.send(rested(visit, written(chance)))
    return STAY


async def soak(server: Server, reruns: int, numbers: Iterator[int], failures: list[str]) -> int:
    """Visits, AT_ONCE at a time, until there were so many reruns."""
    done = 0

    async def come_and_go() -> None:
        nonlocal done
        while done < reruns:
            try:
                runs = await stay(server, next(numbers))
            except FAILURES as error:
                failures.append(repr(error))
                runs = 1
            done += runs

    await asyncio.gather(*(come_and_go() for _ in range(AT_ONCE)))
    return done


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--reruns", type=int, default=RERUNS)
    asked.add_argument("--warm-up", type=int, default=WARM_UP)
    options = asked.parse_args()
    failures: list[str] = []
    numbers = count()
    with served(options=FORGET) as server:
        print("| reruns | resident memory, MB |")
        print("| ---: | ---: |")
        done, began = 0, time.monotonic()
        sizes = []
        for stage in (options.warm_up, *[options.reruns // 5] * 5):
            done += asyncio.run(soak(server, stage, numbers, failures))
            time.sleep(REST)
            asyncio.run(soak(server, 1, numbers, failures))  # with it Streamlit forgets those before
            time.sleep(REST)
            sizes.append(server.memory())
            print(f"| {done:,} | {sizes[-1]:.0f} |", flush=True)
        seconds, complaints = time.monotonic() - began, server.complaints()
    grown = sizes[-1] - sizes[0]
    met = "met" if grown <= TARGET and not failures else "missed"
    print(
        f"\nAfter the warm-up it grew by **{grown:.0f} MB**, {len(failures)} failed; target at most {TARGET:.0f}: {met}."
    )
    print(f"{next(numbers)} visits of {STAY} reruns, {AT_ONCE} at a time, took {seconds / 60:.0f} minutes.")
    print(machine("streamlit", "plotly"))
    print(*failures[:3], complaints, sep="\n")


if __name__ == "__main__":
    main()
