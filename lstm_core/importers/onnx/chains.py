"""Which layers of a graph read each other, what stands before them, and what after."""

from dataclasses import replace
from typing import Literal

import numpy as np

from lstm_core.importers.imported import Chain, Head, HeadActivation
from lstm_core.importers.limits import LIMITS, UnreadableFile
from lstm_core.importers.onnx.graph import Graph
from lstm_core.importers.onnx.layers import Layer
from lstm_core.importers.onnx.trace import Followed
from lstm_core.importers.onnx.values import Embedded, Given, LayerOutput, OneHotted, Other
from lstm_core.stack import Layout

KERAS = ("tf2onnx", "keras2onnx", "keras")  # producers that write what becomes of a readout into the graph


def chains_of(graph: Graph, found: Followed) -> tuple[Chain, ...]:
    """The layers that can be shown, those that read each other as one; first what has most of a model around it.

    A layer that several others read belongs to the first of them. Raises UnreadableFile for what does not fit together
    or has too many parameters.
    """
    groups: list[list[int]] = []
    for number, layer in found.layers.items():
        below = next((group for group in groups if layer.below == group[-1]), None)
        if below is None:
            groups.append([number])
        else:
            below.append(number)
    chains = [_chain(graph, found, group) for group in groups]
    total = sum(chain.parameters for chain in chains)
    if total > LIMITS.parameters:
        raise UnreadableFile(
            f"the recurrent layers of this file, with what stands before and after them, have {total:,} parameters; "
            f"Gatescope opens up to {LIMITS.parameters:,}"
        )
    return tuple(sorted(chains, key=_around, reverse=True))


def _around(chain: Chain) -> tuple[bool, bool, int]:
    return bool(chain.classes), chain.head is not None, len(chain.layouts)


def _chain(graph: Graph, found: Followed, group: list[int]) -> Chain:
    layers = [found.layers[number] for number in group]
    notes = [note for layer in layers for note in layer.notes]
    embedding, one_hot = _before(layers[0], found, notes)
    ends, head = _after(graph, found, group[-1], notes)
    layouts: list[Layout] = [layer.layout for layer in layers]
    layouts[-1] = replace(layouts[-1], ends=ends)
    names = tuple(layer.node.name for layer in layers)
    return Chain(
        name=" → ".join(names),
        sources=names,
        layouts=tuple(layouts),
        weights={
            _numbered(name, place): array for place, one in enumerate(layers) for name, array in one.weights.items()
        },
        embedding=embedding,
        one_hot=one_hot,
        head=head,
        notes=tuple(notes),
        given={_numbered(name, place): told for place, one in enumerate(layers) for name, told in one.given.items()},
    )


def _numbered(name: str, layer: int) -> str:
    kind, reverse, _ = name.partition("_reverse")
    return f"{kind}_l{layer}{reverse}"


def _before(layer: Layer, found: Followed, notes: list[str]) -> tuple[np.ndarray | None, bool]:
    """The embedding, and whether what is read is one-hot; a note where it is neither these nor an input."""
    features, reads = layer.layout.features, layer.reads
    if isinstance(reads, Embedded) and reads.table.shape[1] == features:
        if reads.table.shape[0] > LIMITS.vocabulary:
            raise UnreadableFile(
                f"the embedding {reads.name[:80]!r} has {reads.table.shape[0]:,} entries; Gatescope opens up to "
                f"{LIMITS.vocabulary:,}"
            )
        return reads.table.array, False
    if isinstance(reads, OneHotted) and reads.classes == features:
        return None, True
    if isinstance(reads, LayerOutput):
        below = found.layers[reads.parts[0].layer].node.name[:80]
        notes.append(f"{layer.node.name[:80]!r} reads {below!r}, but not just as it is: it is shown by itself")
    elif not isinstance(reads, Given):
        what = str(reads) if isinstance(reads, Other) else f"{type(reads).__name__.lower()} values"
        notes.append(
            f"{layer.node.name[:80]!r} reads what {what} gives, which is not shown: type those {features} numbers"
        )
    return None, False


def _after(graph: Graph, found: Followed, top: int, notes: list[str]) -> tuple[bool, Head | None]:
    """Whether only the last state of a layer that reads backwards is given on, and the linear layer that reads it.

    A linear layer is a readout when its outputs, perhaps through a softmax or sigmoids, leave the graph or the largest
    is picked. A note where a layer's output goes elsewhere.
    """
    layer = found.layers[top]
    heads = []
    for name, scores in found.scores:
        when = _read_when(scores.output, top, layer.layout)
        if when is not None and (name in graph.outputs or name in found.picked):
            heads.append((when == "ends", scores))
    if heads:
        ends, scores = next((one for one in heads if one[1].activation != "unknown"), heads[0])
        bias = np.zeros(len(scores.weight), np.float32) if scores.bias is None else scores.bias
        return ends, Head(scores.name, scores.weight, bias, _activation(graph, scores.activation))
    if top in found.after and all(above.below != top for above in found.layers.values()):
        notes.append(
            f"after {layer.node.name[:80]!r} stands {found.after[top]}, which is not shown: the layer has no readout"
        )
    return False, None


def _read_when(output: LayerOutput, top: int, layout: Layout) -> Literal["each", "ends"] | None:
    """Does the linear layer read all of a layer, and is that at each step or where each direction ends? Or neither?

    An output of the last step only counts as one of each step, as far as it was read.
    """
    if [(part.layer, part.direction) for part in output.parts] != [
        (top, place) for place in range(len(layout.suffixes))
    ]:
        return None
    each = {part.when for part in output.parts} in ({"each"}, {"last"})
    backwards = [suffix == "_reverse" for suffix in layout.suffixes]
    ended = all(
        part.when in ("end", "first" if back else "last") for part, back in zip(output.parts, backwards, strict=True)
    )
    if ended and any(backwards):
        return "ends"
    return "each" if each or ended else None


def _activation(graph: Graph, activation: HeadActivation) -> HeadActivation:
    """What becomes of the outputs; where nothing does, Keras' exporters mean numbers, but PyTorch's often logits."""
    return "linear" if activation == "unknown" and graph.producer in KERAS else activation
