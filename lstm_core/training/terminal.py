"""Training progress in a terminal."""

from collections.abc import Iterator

from tqdm import tqdm

from lstm_core.training.loop import Progress


def bar(progress: Iterator[Progress]) -> Iterator[Progress]:
    """Pass the progress on, and show it as a progress bar in the terminal."""
    with tqdm(unit="step", smoothing=0.05) as shown:
        score = None
        for now in progress:
            shown.total, shown.n = now.steps, now.step
            score = now.score if now.score is not None else score
            known = {} if score is None else {"score": f"{score:.4g}"}
            shown.set_postfix(
                loss=f"{now.loss:.4g}", **known, tokens_per_s=f"{now.tokens_per_second:,.0f}", refresh=False
            )
            shown.update(0)
            yield now
