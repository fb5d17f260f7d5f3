"""What an imported file leaves open: the widgets that ask for it, and the Plan they make together."""

from dataclasses import dataclass, replace
from math import pi, sin

import streamlit as st

from lstm_core import ByteEncoder, Labels, NextToken, Nothing, NumberEncoder, Values, VocabularyEncoder
from lstm_core.encoders import Encoder
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
from lstm_core.readouts import Readout
from viz.examples import DEFAULT_TEXT
from viz.wording import kind, shortened

OWN, BYTES, PASTE, UPLOAD, NUMBERS = "the file's own", "bytes/ASCII", "paste", "upload JSON", "class numbers"
FOUND = "import_found"  # in the session: (digest, file name, what was found or why not), for a file is read once
SHOWN = 12  # steps of an example made of a vocabulary, or of a wave
ASCII = 128  # classes
ONE_HOT, AS_NUMBERS = "one-hot vectors of a vocabulary", "numbers"
SAYS = {"next": "the next token", "labels": "labels", "values": "numbers"}


@dataclass(frozen=True)
class Plan:
    """How the chosen layers are to be opened."""

    chain: Chain
    encoder: Encoder | None
    readout: Readout
    example: str  # what is read first
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
    if chain.embedding is None and chain.layouts[0].features > 1:
        asked = st.segmented_control(
            "What it reads",
            [AS_NUMBERS, ONE_HOT],
            default=ONE_HOT if chain.one_hot else AS_NUMBERS,
            required=True,
            key=f"reads-{key}",
            help="The file does not tell whether a step is a row of numbers or one entry of a vocabulary.",
        )
        chain = replace(chain, one_hot=asked == ONE_HOT)
    try:
        encoder, example = _vocabulary(imported, chain, key) if chain.classes else _numbers(chain, key)
    except ValueError as error:
        return Plan(chain, None, usual_readout(chain), "", str(error))
    return Plan(chain, encoder, _readout(chain, key), example)


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
    return encoder, _first_text(encoder)


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
    try:
        return given.getvalue().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ValueError("the vocabulary file is not UTF-8 text: save it as UTF-8") from error


def _first_text(encoder: VocabularyEncoder) -> str:
    """A text to begin with: ours, as far as the model knows it, else the first words of its vocabulary."""
    known = {entry: index for index, entry in enumerate(encoder.entries) if entry}
    if encoder.pieces == "characters":
        for text in (DEFAULT_TEXT, DEFAULT_TEXT.lower()):
            kept = "".join(character for character in text if character in known)
            if 2 * len(kept) > len(text):
                return kept
    words = [index for entry, index in known.items() if entry.isalnum()] or list(known.values())
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
    if not content:
        st.caption("Without numbers of your own it begins with a sine wave; you can type others on every page.")
        return encoder, wave(features)
    table = read_numbers(content, features)
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
    spread = table.rows.std(axis=0)
    return replace(found, mean=tuple(table.rows.mean(axis=0).tolist()), spread=tuple((spread + (spread == 0)).tolist()))


def text_of(table: Table) -> str:
    """A table as it is typed on the pages: blanks between steps, colons between the numbers of one."""
    return " ".join(":".join(f"{number:.6g}" for number in row) for row in table.rows.tolist())


def wave(features: int) -> str:
    """Two periods of a sine, each feature a little later than the one before."""
    rows = [
        [sin(2 * pi * (step / SHOWN - feature / (2 * features))) for feature in range(features)]
        for step in range(2 * SHOWN)
    ]
    return " ".join(":".join(f"{round(number, 2) + 0.0:g}" for number in row) for row in rows)


def _readout(chain: Chain, key: str) -> Readout:
    """ "Its outputs are", where the file does not tell; and "Names of its outputs" for labels."""
    readout = usual_readout(chain)
    if chain.head is None or isinstance(readout, Nothing):
        return readout
    outputs = len(chain.head.weight)
    if chain.head.says == "unknown":
        fitting = ["next"] * (outputs == chain.classes) + ["labels"] * (outputs > 1) + ["values"]
        asked = st.segmented_control(
            "Its outputs are",
            fitting,
            default=fitting[0],
            required=True,
            format_func=SAYS.__getitem__,
            key=f"says-{key}",
            help="The file does not show what becomes of the last linear layer's outputs.",
        )
        if asked == "labels":
            readout = Labels(tuple(f"class {number}" for number in range(outputs)))
        else:
            told = replace(chain.head, says="linear" if asked == "values" else "softmax")
            readout = usual_readout(replace(chain, head=told))
    if not isinstance(readout, Labels):
        return readout
    given = st.text_input(
        "Names of its outputs",
        key=f"labels-{key}",
        placeholder=", ".join(readout.labels[:4]) + (" …" if outputs > 4 else ""),
    )
    names = tuple(shortened(name.strip()) for name in given.split(",") if name.strip())
    if not names:
        return readout
    if len(names) != len(readout.labels) or len(set(names)) != len(names):
        st.caption(f"{len(readout.labels)} different names are needed, with commas between them.")
        return readout
    return Labels(names)


def says(readout: Readout) -> str:
    """What the readout says, for a reader."""
    match readout:
        case Nothing():
            return "nothing: the file shows no linear layer after them"
        case Labels(labels):
            return f"one of {len(labels)} labels"
        case Values(names):
            return f"{len(names)} number{'s' if len(names) > 1 else ''}"
        case NextToken():
            return "the next token"
    return "which tokens may come next"


def reads(chain: Chain, encoder: Encoder | None) -> str:
    """What the first layer reads, for a reader."""
    if chain.classes:
        how = "an embedding" if chain.embedding is not None else "one-hot vectors"
        unit = kind(encoder) if encoder is not None else "entries"
        return f"{unit} of a vocabulary of {chain.classes:,}, as {how}"
    features = chain.layouts[0].features
    return f"{features:,} number{'s' if features > 1 else ''} a step"
