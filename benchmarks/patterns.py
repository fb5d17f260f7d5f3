"""How long does one search for a pattern take? `find_pattern` on random runs, from which the bits are made beforehand.

Prints the tables of "A pattern" in docs/benchmarks.md: by steps and units of the query in this process, with the memory that
the process takes at most; and on a dask cluster of one and of two workers, in turn.
"""

import resource
import statistics
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import zarr
from dask.base import compute
from dask.delayed import delayed
from distributed import Client, LocalCluster

from benchmarks.machine import machine
from lstm_core.corpus import Condition, Query, find_pattern, store
from lstm_core.corpus.masks import Mask, add_mask
from lstm_core.corpus.numbers import stored_as

UNITS, STEPS, LONG = 256, 1_000_000, 10_000_000
ON, OFF = 12, 38  # steps of a run of a unit on the average
DOCUMENT = 20_000  # steps
RUNS = 3
TARGET, MEMORY, FASTER = 1.0, 1000, 1.7  # seconds, MB, times


def corpus_of(path: Path, steps: int) -> None:
    """A store of one signal, of which only the bits are there."""
    store.begin(path)
    group = zarr.open_group(str(path), mode="r+").require_group("tokens")
    for name in ("label", "document", "group"):
        group.create_array(name, shape=(steps,), chunks=(1 << 16,), dtype="int32", dimension_names=("step",))
    store.add_signal(path, "layer0", "cell", steps=steps, units=UNITS, stored=stored_as("cell"))
    offsets = [*range(0, steps, DOCUMENT), steps]
    store.write_about(path, {"layers": {"layer0": {}}, "parts": 0, "offsets": offsets, "labels": ["a"]})
    mask = add_mask(path, "layer0", condition(0), steps=steps, units=UNITS)
    compute(*[delayed(random_bits)(mask, number) for number in range(len(mask.parts))], scheduler="threads")


def random_bits(mask: Mask, number: int) -> None:
    drawn = np.random.default_rng(number)
    start, stop = mask.parts[number]
    rows = []
    for _ in range(mask.units):
        runs = np.column_stack([drawn.geometric(1 / one, (stop - start) // 40) for one in (OFF, ON)]).ravel()
        runs[0] = drawn.integers(1, OFF + ON)
        on = np.repeat(np.arange(len(runs)) % 2, runs)[: stop - start]
        rows.append(np.packbits(np.append(on, np.zeros(stop - start - len(on), int))))
    mask.write(number, np.array(rows))


def condition(unit: int) -> Condition:
    return Condition(unit, "cell", 0.5)


def query(units: int) -> Query:
    return Query(tuple(map(condition, range(units))), length=ON)


def seconds(path: Path, units: int, scheduler: object = "threads") -> float:
    """The median of a few runs, after one that is not counted."""
    times = []
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        find_pattern(path, query(units), scheduler=scheduler)
        times.append(time.perf_counter() - began)
    return statistics.median(times[1:])


def main() -> None:
    only = [int(one) for one in sys.argv[1:]] or [8, 16, 64, 256]
    with tempfile.TemporaryDirectory() as folder:
        print("| steps | units | units of the query | one search, s | target | memory at most, MB | target |")
        print("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
        for steps, queries in ((STEPS, only), (LONG, only[:2])):
            path = Path(folder, str(steps))
            corpus_of(path, steps)
            for units in queries:
                took = seconds(path, units)
                most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
                target = TARGET * steps / STEPS
                print(f"| {steps:,} | {UNITS} | {units} | {took:.2f} | {target:g} | {most:,.0f} | {MEMORY:,} |")
        print("\n| workers | steps | units of the query | one search, s | times one worker | target |")
        print("| ---: | ---: | ---: | ---: | ---: | ---: |")
        units, one = only[min(1, len(only) - 1)], 0.0
        for workers in (1, 2):
            with (
                LocalCluster(n_workers=workers, threads_per_worker=1, dashboard_address=None) as cluster,
                Client(cluster) as client,
            ):
                took = seconds(path, units, client)
            one = one or took
            print(
                f"| {workers} | {LONG:,} | {units} | {took:.2f} | {one / took:.2f} | {FASTER if workers > 1 else ''} |"
            )
    print(
        f"\n{machine('dask', 'distributed', 'numpy')}; medians of {RUNS} searches; runs of {ON} steps, {OFF} between them"
    )


if __name__ == "__main__":
    main()
