"""A static site: an index, and a page for each model, for any host of files or a folder on a disk.

Each page is whole in itself (`one_file`): a reader fetches one file for a model, and the scripts in it are a tenth of that.
"""

import html
from collections.abc import Iterable, Iterator
from pathlib import Path

import pretrained
from lstm_core.model_files import CheckpointError
from lstm_core.saving import whole_folder
from viz.live.one_file import export_page, policy
from viz.live.pair import Pair, TooLargeError, pair_of
from viz.locale import _, language
from viz.shared.exports import maker, slug
from viz.shared.model_facts import title_of
from viz.shared.wording import layers_in_words, network_in_words

__all__ = ["write_site"]

MARK = "gatescope-site.txt"  # in every folder that is ours
HERE = Path(__file__).parent


def write_site(folder: Path, names: Iterable[str] = ()) -> Iterator[str]:
    """Write a site of these models, or of all on this machine; yields a line for each, for whoever waits.

    The folder appears whole, in place of a site that lay there; of anything else OccupiedError is raised. A model that is
    too large for a page or cannot be read is left out, unless it was asked for: then TooLargeError or CheckpointError.
    """
    wanted = list(dict.fromkeys(names))
    with whole_folder(folder, ours=_foreign, kind=_("a site")) as new:
        pages: dict[str, Pair] = {}
        for name in wanted or pretrained.names():
            try:
                pair = pair_of(name)
            except (TooLargeError, CheckpointError) as error:
                if wanted:
                    raise
                yield _("{model} is left out: {reason}").format(model=name, reason=error)
                continue
            file = _free(name, pages)
            (new / file).write_bytes(export_page(pair, site=True).encode())
            pages[file] = pair
            yield f"{name}: {file}"
        (new / "index.html").write_bytes(_index(pages).encode())
        (new / MARK).write_bytes(("\n".join(["index.html", MARK, *pages]) + "\n").encode())


def _foreign(folder: Path) -> list[str]:
    """What lies in a folder and is not of a site that was written there."""
    mark = folder / MARK
    ours = set(mark.read_text(encoding="utf-8").splitlines()) if mark.is_file() else set()
    return [one.name for one in folder.iterdir() if one.name not in ours]


def _free(name: str, taken: Iterable[str]) -> str:
    base, number = slug(name) or "model", 1
    file = f"{base}.html"
    while file in {"index.html", *taken}:
        number += 1
        file = f"{base}-{number}.html"
    return file


def _index(pages: dict[str, Pair]) -> str:
    styles = "".join((HERE / name).read_text(encoding="utf-8") for name in ("ground.css", "site.css"))
    return _HTML.format(
        policy=policy(styles),
        language=language(),
        maker=html.escape(maker()),
        title=html.escape(_("Gatescope: trained LSTMs, gate by gate")),
        styles=styles,
        what=html.escape(
            _("Type a text and see every gate of the model while it reads. The model runs in your browser.")
        ),
        models="\n".join(_entry(file, pair) for file, pair in pages.items()),
    )


def _entry(file: str, pair: Pair) -> str:
    config = pair.model.config
    network = f"{network_in_words(config)}, {layers_in_words(config)}"
    network = network[0].upper() + network[1:]
    return (
        f'<li><a href="{html.escape(file)}">{html.escape(title_of(pair.name))}</a> '
        f"<p>{html.escape(_(pair.model.card.summary))}</p> <small>{html.escape(network)}</small></li>"
    )


_HTML = """<!doctype html>
<html lang="{language}" class="ground system">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="generator" content="{maker}">
<title>{title}</title>
<link rel="icon" href="data:,">
<style>{styles}</style>
</head>
<body>
<main>
<h1>{title}</h1>
<p>{what}</p>
<ul>
{models}
</ul>
</main>
</body>
</html>
"""
