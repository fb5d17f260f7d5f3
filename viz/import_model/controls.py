"""What an imported file does not say: the widgets that ask for it, and the Plan they make together."""

from dataclasses import dataclass, replace

import streamlit as st

from lstm_core import ByteEncoder, VocabularyEncoder
from lstm_core.encoders import Encoder
from lstm_core.importers import (
    Chain,
    ImportedModel,
    byte_encoder,
    read_vocabulary,
    usual_encoder,
    usual_entries,
)
from lstm_core.importers.imported import UNTOLD_NONLINEARITY
from lstm_core.layers import cell_named
from lstm_core.tables import unicode_text
from viz.import_model.number_controls import choose_numbers, wave
from viz.import_model.readout_controls import Output, choose_readout
from viz.import_model.state_controls import choose_state
from viz.import_model.unit_controls import choose_units
from viz.locale import N_, _, ngettext
from viz.shared.examples import DEFAULT_TEXT
from viz.shared.wording import kind, shortened

OWN, BYTES, PASTE = N_("the file's own"), N_("bytes/ASCII"), N_("paste")
UPLOAD, NUMBERS = N_("upload JSON"), N_("class numbers")
FOUND = "import_found"  # in the session: (digest, file name, the model or an error), so that a file is read once
SHOWN = 12  # steps of an example made of a vocabulary
ASCII = 128  # classes
ONE_HOT, AS_NUMBERS = N_("one-hot vectors of a vocabulary"), N_("numbers")
RNNS = {"tanh": cell_named("RNN_TANH"), "relu": cell_named("RNN_RELU")}


@dataclass(frozen=True)
class Plan:
    """How to open the chosen layers."""

    chain: Chain
    encoder: Encoder | None
    output: Output
    example: str  # a text to begin with
    typed: str = ""  # the input that the reader gave on this page
    problem: str = ""  # why it cannot be opened yet; "" if it can


def choose_chain(imported: ImportedModel, digest: str) -> Chain:
    """ "Layers": which of the file's; asked only if there are several."""
    if len(imported.chains) == 1:
        return imported.chains[0]
    numbers = range(len(imported.chains))
    chosen = st.selectbox(
        _("Layers"),
        numbers,
        format_func=lambda number: shortened(imported.chains[number].name),
        key=f"chain-{digest}",
        help=_("The file has several; open it again for the others."),
    )
    return imported.chains[chosen]


def choose_reading(imported: ImportedModel, chain: Chain, digest: str) -> Plan:
    """What the file does not say of the model's input and output."""
    key = f"{digest}-{chain.name}"
    if any(note.startswith(UNTOLD_NONLINEARITY) for note in chain.notes):
        chain = _nonlinearity(chain, key)
    if chain.embedding is None and chain.layouts[0].features > 1:
        asked = st.segmented_control(
            _("Its inputs are"),
            [AS_NUMBERS, ONE_HOT],
            default=ONE_HOT if chain.one_hot else AS_NUMBERS,
            required=True,
            wrap=True,
            key=f"reads-{key}",
            format_func=_,
            help=_("The file does not say whether a timestep is a row of numbers or an entry of a vocabulary."),
        )
        chain = replace(chain, one_hot=asked == ONE_HOT)
    output = choose_readout(chain, key)
    units = choose_units(imported, chain, output, key)
    output = units.of_output(output)
    try:
        chain = choose_state(chain, key)
        encoder, example = (
            _vocabulary(imported, chain, key) if chain.classes else choose_numbers(chain, units.read, key)
        )
    except ValueError as error:
        return Plan(chain, None, output, "", problem=str(error))
    typed = "" if chain.classes or example == wave(chain.layouts[0].features, units.read) else example
    return Plan(replace(chain, head=output.head), encoder, output, example, typed)


def _nonlinearity(chain: Chain, key: str) -> Chain:
    """ "Nonlinearity" of simple RNNs: a state dict has only their parameters."""
    asked = st.segmented_control(
        _("Nonlinearity"),
        list(RNNS),
        default=next((name for name, cell in RNNS.items() if any(one.cell == cell for one in chain.layouts)), "tanh"),
        required=True,
        wrap=True,
        key=f"nonlinearity-{key}",
        help=_("The nonlinearity of your nn.RNN: the file does not say it, and no comparison can find it."),
    )
    layouts = (replace(layout, cell=RNNS[asked]) if layout.cell.type == "RNN" else layout for layout in chain.layouts)
    return replace(chain, layouts=tuple(layouts))


def _vocabulary(imported: ImportedModel, chain: Chain, key: str) -> tuple[Encoder, str]:
    """ "Vocabulary": the file's, bytes, or the reader's. Raises ValueError if it is missing or does not fit."""
    has_own = 0 < len(imported.vocabulary) <= chain.classes
    likely = chain.classes in (ASCII, ByteEncoder().size)
    ways = [OWN] * has_own + [BYTES] * likely + [PASTE, UPLOAD, NUMBERS]
    ways += [BYTES] * (chain.classes >= ASCII and not likely)
    way = st.segmented_control(
        _("Vocabulary"),
        ways,
        default=ways[0],
        required=True,
        wrap=True,
        key=f"vocabulary-{key}",
        format_func=_,
        help=_("The meaning of the model's {count:,} classes, in the order used in training.").format(
            count=chain.classes
        ),
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
    counted = ngettext(
        "{count:,} entry for {classes:,} classes:", "{count:,} entries for {classes:,} classes:", len(named)
    )
    st.caption(counted.format(count=len(named), classes=chain.classes))
    st.text("  ".join(shortened(entry) for entry in named[:40]) + (" …" if len(named) > 40 else ""))
    return encoder, first_text(encoder)


def _pasted(chain: Chain, key: str) -> str:
    given = st.text_area(
        _("Entries"),
        key=f"entries-{key}",
        height=120,
        placeholder=_("One entry per line, JSON, or one line of characters"),
        help=_("In class order. {newline}, {tab} and {space} mean newline, tab and space.").format(
            newline=r"\n", tab=r"\t", space=r"\s"
        ),
    )
    if not given:
        raise ValueError(_("paste the vocabulary: its {count:,} entries in class order").format(count=chain.classes))
    return str(given)


def _uploaded(chain: Chain, key: str) -> str:
    given = st.file_uploader(_("Vocabulary file"), key=f"entries-file-{key}", max_upload_size=8, type=["json", "txt"])
    if given is None:
        wanted = _("upload the vocabulary: a JSON file with its {count:,} entries, or a text file with one per line")
        raise ValueError(wanted.format(count=chain.classes))
    text = unicode_text(given.getvalue())
    if text is None:
        raise ValueError(_("the vocabulary file is not UTF-8 text: save it as UTF-8"))
    return text


def first_text(encoder: VocabularyEncoder) -> str:
    """A text to begin with: the default text, as far as the model knows it, else the first words of its vocabulary.

    Raises ValueError for a vocabulary whose entries no text can contain.
    """
    known = {entry: index for index, entry in enumerate(encoder.entries) if entry}
    if encoder.pieces == "characters":
        versions = (DEFAULT_TEXT, DEFAULT_TEXT.lower(), DEFAULT_TEXT.upper())
        known_part = max(("".join(one for one in text if one in known) for text in versions), key=len)
        if 2 * len(known_part) > len(DEFAULT_TEXT):
            return known_part
        single = [index for entry, index in known.items() if len(entry) == 1]
        return encoder.decode(single[:SHOWN])
    typed = {entry: index for entry, index in known.items() if not any(map(str.isspace, entry))}
    if not typed:
        raise ValueError(
            _(
                "every entry of this vocabulary contains a space, so no text can be split into entries: read class numbers"
            )
        )
    words = [index for entry, index in typed.items() if entry.isalnum()] or list(typed.values())
    return encoder.decode(words[:SHOWN])


def reads(chain: Chain, encoder: Encoder | None) -> str:
    """The first layer's input, in words."""
    if chain.classes:
        entries = _(kind(encoder)) if encoder is not None else _("entries")
        if chain.embedding is not None:
            return _("{entries} of a vocabulary of {count:,}, through an embedding").format(
                entries=entries, count=chain.classes
            )
        return _("{entries} of a vocabulary of {count:,}, as one-hot vectors").format(
            entries=entries, count=chain.classes
        )
    features = chain.layouts[0].features
    return ngettext("{count:,} number per timestep", "{count:,} numbers per timestep", features).format(count=features)
