"""Do the importers survive mutated files? `python -m tests.fuzz.run FORMAT --count 100000 --seed 0`."""

# ruff: noqa: T201 (a script that prints its table)

import multiprocessing
import os
import random
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from pathlib import Path

import click

from lstm_core.importers.sandbox import DEFAULT_LIMITS
from lstm_core.importers.sandbox_child import ResourceLimits
from tests.fuzz import FORMATS
from tests.fuzz.fork_pool import DEFECT, OPENED, OVER, REFUSED, Outcome, outcomes, prepare
from tests.fuzz.mutations import mutated
from tests.fuzz.samples import samples

CHUNK = 50  # files that a worker takes at a time
SHOWN = 5  # defects whose tracebacks are printed


def case(form: str, originals: Sequence[bytes], seed: int, index: int) -> bytes:
    """The file of that number, the same on every machine."""
    return mutated(form, originals, random.Random(f"{form} {seed} {index}"))  # noqa: S311 (damage that comes again, not a secret)


def chunk_of(
    form: str, originals: Sequence[bytes], seed: int, indices: Sequence[int], *, limits: ResourceLimits = DEFAULT_LIMITS
) -> list[tuple[int, Outcome]]:
    """What becomes of the files of these numbers, in this process's children."""
    made = [case(form, originals, seed, index) for index in indices]
    return list(zip(indices, outcomes(made, limits=limits), strict=True))


def _chunks(count: int) -> Iterator[range]:
    for start in range(0, count, CHUNK):
        yield range(start, min(start + CHUNK, count))


@click.command()
@click.argument("form", metavar="FORMAT", type=click.Choice(FORMATS))
@click.option("--count", type=click.IntRange(1), default=1_000, show_default=True)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--jobs", type=click.IntRange(1), default=os.cpu_count(), show_default=True)
@click.option("--replay", type=int, help="Only the file of this number: what becomes of it, in full.")
@click.option("--keep", type=click.Path(path_type=Path), help="With --replay: write the file there.")
@click.option("--folder", type=click.Path(path_type=Path), help="Where valid files lie or are to be made.")
def main(
    form: str, count: int, seed: int, jobs: int, replay: int | None, keep: Path | None, folder: Path | None
) -> None:
    """Read COUNT mutated files of FORMAT, in children of their own, and say what became of them."""
    if keep is not None and keep.exists():
        raise click.ClickException(f"{keep} is there already, and would be lost: choose another name for --keep")
    with tempfile.TemporaryDirectory(prefix="fuzz-samples-") as fresh:
        originals = samples(folder or Path(fresh))[form]
        if replay is not None:
            content = case(form, originals, seed, replay)
            if keep is not None:
                keep.write_bytes(content)
            prepare()
            print(*outcomes([content]))
            return
        sys.exit(_run(form, originals, seed, count, jobs))


def _run(form: str, originals: Sequence[bytes], seed: int, count: int, jobs: int) -> int:
    kinds: Counter[str] = Counter()
    sentences: Counter[str] = Counter()
    left, memory, longest, shown, alive = 0, 0, 0.0, 0, True
    began = time.monotonic()
    spawning = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, mp_context=spawning, initializer=prepare) as pool:
        try:
            work = [pool.submit(chunk_of, form, originals, seed, chunk) for chunk in _chunks(count)]
            for done in work:
                for index, one in done.result():
                    kinds[one.kind] += 1
                    sentences[one.message[:60]] += one.kind == REFUSED
                    left, memory, longest = left + one.left, max(memory, one.memory), max(longest, one.seconds)
                    if not one.contained and shown < SHOWN:
                        shown += 1
                        print(f"--- {form}, --seed {seed} --replay {index}: {one.kind}, {one.left} left\n{one.message}")
        except BrokenProcessPool:
            alive = False
    took = time.monotonic() - began
    crashed = {
        kind: number for kind, number in kinds.items() if kind in signal.Signals.__members__ and kind not in OVER
    }
    rows = {
        "files": f"{kinds.total():,} in {took:,.0f} s, {kinds.total() / took:,.0f} a second",
        "opened": kinds[OPENED],
        "refused with a sentence": f"{kinds[REFUSED]:,} ({sum(map(bool, sentences.values())):,} different ones)",
        "crashed children": ", ".join(f"{number} {kind}" for kind, number in crashed.items()) or 0,
        "over limits": ", ".join(f"{kinds[kind]} {kind}" for kind in OVER if kinds[kind]) or 0,
        "defects": kinds[DEFECT],
        "left-over processes": left,
        "largest memory": f"{memory / 1e6:,.0f} MB",
        "longest time": f"{longest:.2f} s",
        "server alive": "yes" if alive else "no",
    }
    print(f"{form}, seed {seed}")
    for name, value in rows.items():
        print(f"  {name:24}{value}")
    return int(bool(kinds[DEFECT] or left) or not alive)


if __name__ == "__main__":
    main()
