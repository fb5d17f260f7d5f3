"""What an imported file leaves open: the widgets that ask for it, and the Plan they make together."""

from dataclasses import dataclass, replace
from math import pi, sin

import numpy as np
import streamlit as st

from lstm_core import ByteEncoder, NumberEncoder, VocabularyEncoder
from lstm_core.encoders import Encoder
from lstm_core.encoders.number import mean_and_spread
from lstm_core.encoders.typed_numbers import row_typed
from lstm_core.importers import (
    Chain,
    ImportedModel,
    Table,
    byte_encoder,
    number_encoder,
    read_numbers,
    read_vocabulary,
    usual_encoder,
    usual_entries,
    usual_readout,
)
from lstm_core.layers import cell_named
from lstm_core.readouts import Readout
from lstm_core.tables import unicode_text
from viz.import_model.readout_controls import choose_readout
from viz.shared.examples import DEFAULT_TEXT
from viz.shared.table_controls import choose_gaps, show_notes
from viz.shared.wording import kind, plain, shortened

OWN, BYTES, PASTE, UPLOAD, NUMBERS = "the file's own", "bytes/ASCII", "paste", "upload JSON", "class numbers"
FOUND = "import_found"  # in the session: (digest, file name, what was found or why not), for a file is read once
SHOWN = 12  # steps of an example made of a vocabulary, or of a wave
ASCII = 128  # classes
FEWEST = 16  # classes of a one-hot vocabulary, where nothing else shows that it is one
ONE_HOT, AS_NUMBERS = "one-hot vectors of a vocabulary", "numbers"
RNNS = {"tanh": cell_named("RNN_TANH"), "relu": cell_named("RNN_RELU")}


@dataclass(frozen=True)
class Plan:
    """How the chosen layers are to be opened."""

    chain: Chain
    encoder: Encoder | None
    readout: Readout
    example: str  # a text to begin with
    typed: str = ""  # what the reader gave on this page to be read
    problem: str = ""  # why it cannot be opened yet; "" where it can


def choose_chain(imported: ImportedModel, digest: str) -> Chain:
    """ "Layers": which of the file's; asked only where there are several to choose from."""
    if len(imported.chains) == 1:
        return imported.chains[0]
    numbers = range(len(imported.chains))
    chosen = st.selectbox(
        "Layers",
        numbers,
        format_func=lambda number: shortened(imported.chains[number].name),
        key=f"chain-{digest}",
        help="The file holds several; open it again for the others.",
    )
    return imported.chains[chosen]


def choose_reading(imported: ImportedModel, chain: Chain, digest: str) -> Plan:
    """Everything that the file does not tell of how text becomes what the first layer reads, and what is said."""
    key = f"{digest}-{chain.name}"
    if imported.framework == "PyTorch" and any(layout.cell.type == "RNN" for layout in chain.layouts):
        chain = _nonlinearity(chain, key)
    if chain.embedding is None and chain.layouts[0].features > 1:
        asked = st.segmented_control(
            "What it reads",
            [AS_NUMBERS, ONE_HOT],
            # As many outputs as inputs may be next to each other in a vocabulary; of a few they are more likely numbers.
            default=ONE_HOT
            if chain.one_hot and (imported.vocabulary or chain.layouts[0].features >= FEWEST)
            else AS_NUMBERS,
            required=True,
            key=f"reads-{key}",
            help="The file does not tell whether a step is a row of numbers or one entry of a vocabulary.",
        )
        chain = replace(chain, one_hot=asked == ONE_HOT)
    try:
        encoder, example = _vocabulary(imported, chain, key) if chain.classes else _numbers(chain, key)
    except ValueError as error:
        return Plan(chain, None, usual_readout(chain), "", problem=str(error))
    head, readout = choose_readout(chain, key)
    typed = "" if chain.classes or example == wave(chain.layouts[0].features) else example
    return Plan(replace(chain, head=head), encoder, readout, example, typed)


def _nonlinearity(chain: Chain, key: str) -> Chain:
    """ "Nonlinearity" of plain RNNs, of which a state dict has only the weights."""
    asked = st.segmented_control(
        "Nonlinearity",
        list(RNNS),
        default="tanh",
        required=True,
        key=f"nonlinearity-{key}",
        help="What nn.RNN was made with; the file does not tell, and no comparison can.",
    )
    layouts = (replace(layout, cell=RNNS[asked]) if layout.cell.type == "RNN" else layout for layout in chain.layouts)
    return replace(chain, layouts=tuple(layouts))


def _vocabulary(imported: ImportedModel, chain: Chain, key: str) -> tuple[Encoder, str]:
    """ "Vocabulary": the file's, bytes, or the reader's. Raises ValueError where there is none yet, or a wrong one."""
    has_own = 0 < len(imported.vocabulary) <= chain.classes
    likely = chain.classes in (ASCII, ByteEncoder().size)
    ways = [OWN] * has_own + [BYTES] * likely + [PASTE, UPLOAD, NUMBERS]
    ways += [BYTES] * (chain.classes >= ASCII and not likely)
    way = st.segmented_control(
        "Vocabulary",
        ways,
        default=ways[0],
        required=True,
        key=f"vocabulary-{key}",
        help=f"What each of the model's {chain.classes:,} classes stands for, in the order of its training.",
    )
    if way == BYTES:
        return byte_encoder(chain), DEFAULT_TEXT
    if way == NUMBERS:
        return usual_encoder(chain), " ".join(str(number % chain.classes) for number in range(SHOWN))
    if way == OWN:
        entries = imported.vocabulary
    else:
        entries = read_vocabulary(_pasted(chain, key) if way == PASTE else _uploaded(chain, key))
    encoder = VocabularyEncoder(usual_entries(chain, entries))
    named = [entry for entry in encoder.entries if entry]
    st.caption(f"{len(named):,} entries for {chain.classes:,} classes:")
    st.text("  ".join(shortened(entry) for entry in named[:40]) + (" …" if len(named) > 40 else ""))
    return encoder, first_text(encoder)


def _pasted(chain: Chain, key: str) -> str:
    given = st.text_area(
        "Entries",
        key=f"entries-{key}",
        height=120,
        placeholder="One entry a line, or JSON; or one line of characters",
        help=r"In the order of their classes. \n, \t and \s stand for a line end, a tab and a blank.",
    )
    if not given:
        raise ValueError(f"paste the vocabulary: the entries of its {chain.classes:,} classes, in their order")
    return str(given)


def _uploaded(chain: Chain, key: str) -> str:
    given = st.file_uploader("Vocabulary file", key=f"entries-file-{key}", max_upload_size=8, type=["json", "txt"])
    if given is None:
        raise ValueError(f"give a JSON file with the {chain.classes:,} entries, or a text with one a line")
    text = unicode_text(given.getvalue())
    if text is None:
        raise ValueError("the vocabulary file is not UTF-8 text: save it as UTF-8")
    return text


def first_text(encoder: VocabularyEncoder) -> str:
    """A text to begin with: ours, as far as the model knows it, else the first words of its vocabulary.

    Raises ValueError for a vocabulary of which no text can hold an entry.
    """
    known = {entry: index for index, entry in enumerate(encoder.entries) if entry}
    if encoder.pieces == "characters":
        versions = (DEFAULT_TEXT, DEFAULT_TEXT.lower(), DEFAULT_TEXT.upper())
        kept = max(("".join(one for one in text if one in known) for text in versions), key=len)
        if 2 * len(kept) > len(DEFAULT_TEXT):
            return kept
        single = [index for entry, index in known.items() if len(entry) == 1]
        return encoder.decode(single[:SHOWN])
    typed = {entry: index for entry, index in known.items() if not any(map(str.isspace, entry))}
    if not typed:
        raise ValueError(
            "every entry of this vocabulary has a blank in it, so no text can be cut into them: read class numbers"
        )
    words = [index for entry, index in typed.items() if entry.isalnum()] or list(typed.values())
    return encoder.decode(words[:SHOWN])


def _numbers(chain: Chain, key: str) -> tuple[Encoder, str]:
    """ "Numbers": pasted, or a CSV file; without any the model begins with a wave."""
    features = chain.layouts[0].features
    given = st.text_area(
        "Numbers",
        key=f"numbers-{key}",
        height=120,
        placeholder=f"One line a step, {features} column{'s' if features > 1 else ''}; or drop a CSV file below",
    )
    file = st.file_uploader("CSV file", key=f"csv-{key}", max_upload_size=5, type=["csv", "tsv", "txt"])
    content = given or (file.getvalue() if file is not None else None)
    encoder = number_encoder(features)
    if content is None or content == "":
        st.caption("Without numbers of your own it begins with a sine wave; you can type others on every page.")
        return encoder, wave(features)
    table = read_numbers(content, features)
    if table.gaps:
        table = read_numbers(content, features, **choose_gaps(table.gaps, table.first_gap))
    show_notes(table.notes)
    standardised = st.checkbox(
        "Standardise each column",
        key=f"standardise-{key}",
        help="Mean 0 and standard deviation 1: if the model was trained on numbers prepared so.",
    )
    st.caption(f"{len(table.rows):,} steps of {features} number{'s' if features > 1 else ''}.")
    return _named(encoder, table, standardised=standardised), text_of(table)


def _named(encoder: NumberEncoder, table: Table, *, standardised: bool) -> NumberEncoder:
    """The encoder with the table's names of the columns and, where they are standardised, their means and spreads."""
    names = tuple(map(shortened, table.names)) if all(table.names) else ()
    found = replace(encoder, names=names or encoder.names)
    if not standardised:
        return found
    mean, spread = mean_and_spread(table.rows)
    constant = [name for name, one in zip(found.names, spread, strict=True) if one == 0]
    if constant:
        st.caption(plain(f"Never changing, and so read as 0: {', '.join(constant)}."))
    return replace(found, mean=tuple(mean.tolist()), spread=tuple((spread + (spread == 0)).tolist()))


def text_of(table: Table) -> str:
    """A table as it is typed on the pages: blanks between steps, colons between the numbers of one.

    With as many digits as its columns vary in, so that what is read is the table's own series.
    """
    _, spread = mean_and_spread(table.rows)
    spread = np.where(spread > 0, spread, np.maximum(np.abs(table.rows).max(axis=0), 1.0))
    return " ".join(row_typed(row, spread.tolist()) for row in table.rows.tolist())


def wave(features: int) -> str:
    """Two periods of a sine, each feature a little later than the one before."""
    rows = [
        [sin(2 * pi * (step / SHOWN - feature / (2 * features))) for feature in range(features)]
        for step in range(2 * SHOWN)
    ]
    return " ".join(":".join(f"{round(number, 2) + 0.0:g}" for number in row) for row in rows)


def reads(chain: Chain, encoder: Encoder | None) -> str:
    """What the first layer reads, for a reader."""
    if chain.classes:
        how = "through an embedding" if chain.embedding is not None else "as one-hot vectors"
        unit = kind(encoder) if encoder is not None else "entries"
        return f"{unit} of a vocabulary of {chain.classes:,}, {how}"
    features = chain.layouts[0].features
    return f"{features:,} number{'s' if features > 1 else ''} a step"
