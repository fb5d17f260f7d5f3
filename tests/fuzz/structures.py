"""Damage that a format's own parser lets through: one value of a description replaced by another that fits its grammar."""

import io
import json
import pickletools
import random
from contextlib import suppress
from typing import Any

EVIL: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2, 3.5, 1 << 31, -(1 << 31), (1 << 63) - 1, 1 << 63, 1 << 200, 1e308, float("nan"),
    float("inf"), "", "LSTM", "tanh", "../../etc/passwd", "\0", "\ud800", "x" * 10_000, [], {}, [[]], [{}], [None] * 50, [1 << 62],
)  # fmt: skip


GLOBALS = (  # what a pickle imports: attacks, the canary, and what is known, in the wrong place
    b"os\nsystem", b"gatescope_canary\ntrap", b"torch\nIntStorage", b"torch\nQInt8Storage", b"builtins\ndict", b"builtins\nset",
    b"builtins\ngetattr", b"builtins\nbytearray", b"collections\nCounter", b"collections\nOrderedDict", b"collections\ndefaultdict",
    b"copyreg\n_reconstructor", b"copyreg\n__newobj__", b"_codecs\nencode", b"numpy\ndtype", b"numpy\nndarray",
    b"numpy.core.multiarray\nscalar", b"numpy.core.multiarray\n_reconstruct", b"numpy._core.numeric\n_frombuffer",
    b"torch._utils\n_rebuild_tensor_v2", b"torch._utils\n_rebuild_qtensor", b"torch._utils\n_rebuild_parameter", b"torch\nSize",
    b"torch._tensor\n_rebuild_from_type_v2", b"torch.storage\n_load_from_bytes", b"torch\nScriptObject", b"torch\nper_channel_affine",
    b"torch.nn.modules.rnn\nLSTM", b"__torch__.Net\nNet", b"_io\nBytesIO",
)  # fmt: skip
TEXT_STEPS = {  # of protocol 0, whose arguments are texts
    "INT": (b"0", b"-1", b"01", b"1" * 5_000, b"x", b""),
    "LONG": (b"0L", b"-1L", b"9" * 4_000 + b"L", b""),
    "FLOAT": (b"nan", b"1e999", b"x"),
    "STRING": (b"''", b"'\\xf0'", b"x", b"'a'"),
    "UNICODE": (b"", b"\\ud800", b"h0", b"weight_ih_l0"),
    "PUT": (b"0", b"-1", b"99999999999"),
    "GET": (b"0", b"-1", b"7"),
}


def mutated_json(content: bytes, chance: random.Random) -> bytes:
    """A value replaced, removed, moved, nested or named twice."""
    tree = json.loads(content)
    for _ in range(chance.choice((1, 1, 2, 4))):
        places = list(_places(tree))
        if not places:
            break
        holder, key = chance.choice(places)
        match chance.randrange(8):
            case 0:
                del holder[key]
            case 1:
                other, place = chance.choice(places)
                holder[key] = json.loads(json.dumps(other[place]))
            case 2:
                for _ in range(chance.choice((1, 3, 100))):
                    holder[key] = {"config": holder[key]} if chance.random() < 0.5 else [holder[key]]
            case 3 if isinstance(holder, dict):
                holder[key + chance.choice(("", "_1", "/..", "\0"))] = _evil(chance)
            case 4 if isinstance(holder[key], list):
                holder[key] = holder[key] * chance.choice((2, 100))
            case _:
                holder[key] = _evil(chance)
    text = json.dumps(tree)
    if chance.random() < 0.05:  # a name that is there twice
        text = text.replace("{", '{"name": 1, "name": 2, "class_name": [], ', 1)
    if chance.random() < 0.02:
        text = "[" * 100_000 + text
    return text.encode(errors="surrogatepass")


def _evil(chance: random.Random) -> Any:
    return json.loads(json.dumps(chance.choice(EVIL)))  # a copy: what is put in may be changed in its turn


def _places(tree: Any) -> list[tuple[Any, Any]]:
    """Where does a value lie: in which object or list, by which name or number?"""
    found: list[tuple[Any, Any]] = []
    waiting = [tree]
    while waiting:
        holder = waiting.pop()
        inside = list(holder.items()) if isinstance(holder, dict) else list(enumerate(holder))
        found += [(holder, key) for key, _ in inside]
        waiting += [value for _, value in inside if isinstance(value, dict | list)]
    return found


def mutated_header(content: bytes, chance: random.Random) -> bytes:
    """The JSON of a safetensors file changed, its length right again."""
    length = int.from_bytes(content[:8], "little")
    header = mutated_json(content[8 : 8 + length], chance)
    return len(header).to_bytes(8, "little") + header + content[8 + length :]


def mutated_pickle(content: bytes, chance: random.Random) -> bytes:
    """An instruction of the pickles that it begins with changed, or its argument."""
    found = _instructions(content)
    if len(found) < 2:
        return content[::-1]
    which = chance.randrange(len(found) - 1)
    (op, place), (_, end) = found[which : which + 2]
    old = content[place:end]
    if op.name in TEXT_STEPS:
        new = old[:1] + chance.choice(TEXT_STEPS[op.name]) + b"\n"
    elif op.name.startswith("BININT") or op.name == "LONG1":
        number = chance.choice((0, 1, 2, 3, 255, 65_535, (1 << 31) - 1, -1, -(1 << 31)))
        new = b"J" + number.to_bytes(4, "little", signed=True)
    elif op.name == "GLOBAL":
        new = b"c" + chance.choice(GLOBALS) + b"\n"
    elif op.name == "STACK_GLOBAL":
        module, name = chance.choice(GLOBALS).split(b"\n")
        parts = (b"X" + len(part).to_bytes(4, "little") + part for part in (module, name))
        new = b"00" + b"".join(parts) + old
    elif op.name in ("BINBYTES", "SHORT_BINBYTES"):
        inside = chance.choice(
            (b"", b"\0" * 7, b"PK\x03\x04", b"\x89HDF\r\n\x1a\n", old[5:][: chance.randrange(len(old))])
        )
        new = b"B" + len(inside).to_bytes(4, "little") + inside
    elif op.name in ("BINUNICODE", "SHORT_BINUNICODE", "SHORT_BINSTRING", "BINSTRING"):
        text = chance.choice(
            (b"", b"cpu", b"cuda:0", b"meta", b"0", b"storage", b"weight_ih_l0", b"\xff", b"x" * 5_000)
        )
        new = b"X" + len(text).to_bytes(4, "little") + text
    else:
        names = [one.code.encode("latin-1") for one in pickletools.opcodes if one.arg is None]
        new = chance.choice((b"", old * 2, chance.choice(names), old + chance.choice(names), b"N", b"}", b")", b"\x88"))
    if chance.random() < 0.1:
        new = bytes(chance.randrange(256) for _ in old)
    return content[:place] + new + content[end:]


def _instructions(content: bytes) -> list[tuple[pickletools.OpcodeInfo, int]]:
    """Those of all pickles at the beginning, and where they lie: legacy files have small ones before the large one."""
    found: list[tuple[pickletools.OpcodeInfo, int]] = []
    file = io.BytesIO(content)
    with suppress(ValueError):  # no more pickles
        while True:
            found += [(op, place) for op, _, place in pickletools.genops(file) if place is not None]
    return found


def mutated_hdf5(content: bytes, chance: random.Random) -> bytes:
    """A data set, a link or an attribute of an HDF5 file replaced through its own library."""
    import h5py
    import numpy as np

    buffer = io.BytesIO(content)
    with h5py.File(buffer, "r+") as file:
        names: list[str] = []
        file.visit(names.append)
        name = chance.choice(names)
        holder: Any = file[name]
        match chance.randrange(8):
            case 0:
                file[name.rpartition("/")[0] or "/"]["again"] = chance.choice((h5py.SoftLink("/" + name), file["/"]))
            case 1:
                del file[name]
                file[name] = chance.choice((h5py.ExternalLink("/etc/passwd", "/"), h5py.SoftLink("/nowhere")))
            case 2 | 3:
                del file[name]
                kind = chance.choice(("f4", "f8", "f2", "i8", "S5", "c8", "?", [("a", "f4"), ("b", "i4")]))
                shape = chance.choice(((), (0,), (1,), (3, 4), (1, 1, 1, 1), (1 << 33,), (5, 0)))
                large = shape == (1 << 33,)
                file.create_dataset(name, shape, kind, chunks=(1_000,) if large else None)
            case 4:
                del file[name]
                file.create_dataset(
                    name, data=np.full((4, 16), chance.choice((np.nan, np.inf, 1e38)), "f4"), compression="gzip"
                )
            case _:
                owners = [one for one in (file, *(file[other] for other in names)) if len(one.attrs)]
                owner = chance.choice(owners) if owners else holder
                keys = list(owner.attrs) or ["name"]
                key = "model_config" if "model_config" in keys and chance.random() < 0.8 else chance.choice(keys)
                _change_attribute(owner, key, chance)
    return buffer.getvalue()


def _change_attribute(owner: Any, key: str, chance: random.Random) -> None:
    old = owner.attrs.get(key)
    if key == "model_config" and chance.random() < 0.9:
        described = mutated_json(old.encode() if isinstance(old, str) else bytes(old), chance)
        del owner.attrs[key]
        if len(described) < 60_000:  # an attribute's own limit
            owner.attrs[key] = described
        return
    owner.attrs[key] = chance.choice((0, -1, "x" * 1_000, b"\xff\xfe", [1, 2, 3], ["lstm", "dense"], 1e308))


def mutated_graph(content: bytes, chance: random.Random) -> bytes:
    """One thing in an ONNX graph changed through its own library."""
    import onnx

    model = onnx.ModelProto.FromString(content)
    graph = model.graph
    node, tensor = chance.choice(graph.node), chance.choice(graph.initializer)
    match chance.randrange(13):
        case 0:
            del tensor.dims[:]
            tensor.dims.extend(chance.choice(([], [0], [-1], [1 << 40, 1 << 40], [1 << 62], [1] * 200, [2, 16, 3])))
        case 1:
            tensor.raw_data = tensor.raw_data[: chance.randrange(len(tensor.raw_data))]
        case 2:
            tensor.data_type = chance.choice((*range(24), 99, -1))
        case 3:
            tensor.data_location = onnx.TensorProto.EXTERNAL
            tensor.external_data.add(key="location", value=chance.choice(("/etc/passwd", "../x", "")))
        case 4:
            graph.node.extend([node] * chance.choice((1, 2, 300)))
        case 5:
            graph.node.remove(node)
        case 6:
            node.op_type = chance.choice(
                ("LSTM", "GRU", "RNN", "Loop", "Scan", "ConstantOfShape", "Expand", "", "Identity")
            )
        case 7 if node.input:
            place = chance.randrange(len(node.input))
            node.input[place] = chance.choice(
                ("", "W", "R", "nowhere", node.output[0] if node.output else "x", "B", "\n")
            )
        case 8 if node.attribute:
            _change_node_attribute(chance.choice(node.attribute), chance)
        case 9:
            node.attribute.add(
                name=chance.choice(("direction", "activations", "clip", "layout", "hidden_size", "linear_before_reset"))
            )
            _change_node_attribute(node.attribute[-1], chance)
        case 10:
            tensor.name = chance.choice(("W", "R", "B", "", "Y"))
        case 11:
            node.output[0] = chance.choice(("", "W", "ids", node.input[0] if node.input else "x"))
        case _:
            tensor.float_data.extend([float("nan")] * chance.choice((1, 1_000)))
            tensor.ClearField("raw_data")
    return model.SerializeToString()


def _change_node_attribute(attribute: Any, chance: random.Random) -> None:
    attribute.type = chance.choice((1, 2, 3, 4, 6, 7, 8, 0))
    attribute.i = chance.choice((0, 1, -1, 4, 1 << 40, (1 << 63) - 1))
    attribute.f = chance.choice((0.0, -1.0, float("nan"), float("inf")))
    attribute.s = chance.choice((b"", b"reverse", b"bidirectional", b"\xff\xfe", b"x" * 5_000))
    if chance.random() < 0.3:
        attribute.strings.extend(
            [chance.choice((b"Tanh", b"HardSigmoid", b"Affine", b"\xff"))] * chance.choice((1, 3, 500))
        )
