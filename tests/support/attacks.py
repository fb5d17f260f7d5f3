"""Files that attack their reader, one for each line of what was foreseen; made here and never committed."""

import io
import json
import os
import pickle
import struct
import tempfile
import warnings
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import torch
from safetensors.torch import save as to_safetensors

from lstm_core.importers.tensorflow.crc32c import masked_crc32c
from tests.support import tensorflow_files as made

COMMANDED = str(Path(tempfile.gettempdir(), "gatescope-was-here"))  # where a command of a file would leave a trace
GOOD = {"weight_ih_l0": torch.ones(16, 3), "weight_hh_l0": torch.ones(16, 4)}
Edit = Callable[[h5py.File], None]


def torch_file(state: object, **options: Any) -> bytes:
    data = io.BytesIO()
    torch.save(state, data, **options)
    return data.getvalue()


def packed_again(content: bytes, change: Callable[[zipfile.ZipFile, zipfile.ZipInfo, bytes], None]) -> bytes:
    """An archive whose entries `change` writes again, or others in their place."""
    data = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(data, "w") as new:
        warnings.simplefilter("ignore")  # of two entries of one name
        for entry in old.infolist():
            change(new, entry, old.read(entry))
    return data.getvalue()


def deflated(new: zipfile.ZipFile, entry: zipfile.ZipInfo, data: bytes) -> None:
    new.writestr(entry.filename, data, zipfile.ZIP_DEFLATED)


def doubled(new: zipfile.ZipFile, entry: zipfile.ZipInfo, data: bytes) -> None:
    new.writestr(entry.filename, data)
    new.writestr(entry.filename, data)


def outside(new: zipfile.ZipFile, entry: zipfile.ZipInfo, data: bytes) -> None:
    new.writestr(entry.filename, data)
    if len(new.namelist()) == 1:
        new.writestr("../../etc/cron.d/evil", data)


def linked(new: zipfile.ZipFile, entry: zipfile.ZipInfo, data: bytes) -> None:
    if entry.filename.endswith(("data/0", "model.weights.h5")):
        link = zipfile.ZipInfo(entry.filename)
        link.external_attr = 0o120777 << 16
        new.writestr(link, "/etc/passwd")
    else:
        new.writestr(entry.filename, data)


def bomb(content: bytes) -> bytes:
    """256 MB of zeros in front of the weights, in 252 KB."""
    data = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as new:
        for entry in old.infolist():
            with new.open(entry.filename, "w", force_zip64=True) as file:
                for _ in range(256 if entry.filename == "model.weights.h5" else 0):
                    file.write(bytes(1_000_000))
                file.write(old.read(entry))
    return data.getvalue()


def many(new: zipfile.ZipFile, entry: zipfile.ZipInfo, data: bytes) -> None:
    new.writestr(entry.filename, data)
    if entry.filename.endswith("data.pkl"):
        for number in range(20_000):
            new.writestr(f"archive/data/{number + 10}", b"")


def described(content: bytes, change: Callable[[dict[str, Any]], None]) -> bytes:
    """An exported program in which `change` describes the first weight."""

    def rewritten(new: zipfile.ZipFile, entry: zipfile.ZipInfo, data: bytes) -> None:
        if entry.filename.endswith("_weights_config.json"):
            told = json.loads(data)
            change(next(iter(told["config"].values())))
            data = json.dumps(told).encode()
        new.writestr(entry.filename, data)

    return packed_again(content, rewritten)


def endless(told: dict[str, Any]) -> None:
    told["tensor_meta"] |= {"sizes": [{"as_int": 1 << 34}, {"as_int": 2}], "strides": [{"as_int": 0}] * 2}


def encrypted(content: bytes) -> bytes:
    """Said to be encrypted in the directory of the archive, and in front of each entry."""
    changed = bytearray(content)
    for signature, place in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        start = changed.find(signature)
        while start >= 0:
            changed[start + place] |= 1
            start = changed.find(signature, start + 4)
    return bytes(changed)


class Command:
    def __reduce__(self) -> Any:
        return os.system, (f"touch {COMMANDED}",)


class Bytes:
    """An object that holds a string of bytes."""

    def __init__(self, content: bytes) -> None:
        self.content = content


def with_code(module: torch.nn.Module) -> torch.nn.Module:
    module.activation = Command()  # type: ignore[assignment]
    return module


def within_itself() -> torch.nn.Module:
    module = torch.nn.Sequential(torch.nn.LSTM(2, 2))
    module.add_module("again", module)
    module.add_module("and again", module)
    return module


def commanding(new: zipfile.ZipFile, entry: zipfile.ZipInfo, data: bytes) -> None:
    """A script that calls a command in the place of one of its own functions."""
    called = data.replace(b"torch.jit._pickle\nrestore_type_tag", b"posix\nsystem", 1)
    new.writestr(entry.filename, called if entry.filename.endswith("data.pkl") else data)


def copying() -> bytes:
    """A text of 64 KB, turned into bytes 10,000 times."""
    text = b"X\x00\x00\x01\x00" + b"x" * 65_536 + b"q\x01X\x06\x00\x00\x00latin1q\x02"
    return b"\x80\x02c_codecs\nencode\nq\x00(" + text + b"h\x00h\x01h\x02\x86R" * 10_000 + b"t."


def safetensors_file(header: bytes, body: bytes = b"") -> bytes:
    return len(header).to_bytes(8, "little") + header + body


def twice_named() -> bytes:
    one = b'"weight_ih_l0":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'
    return safetensors_file(b"{" + one + b"," + one + b"}", bytes(4))


def declared(shape: list[int]) -> bytes:
    size = 4 * int(np.prod(shape, dtype=object))
    entry = {"dtype": "F32", "shape": shape, "data_offsets": [0, size]}
    return safetensors_file(json.dumps({"weight_ih_l0": entry, "weight_hh_l0": entry}).encode(), bytes(64))


def edited(content: bytes, edit: Edit) -> bytes:
    data = io.BytesIO(content)
    with h5py.File(data, "r+") as file:
        edit(file)
    return data.getvalue()


def weight_of(file: h5py.File) -> str:
    """The path of a dataset with the weights of a recurrent layer."""
    names: list[str] = []
    file.visititems(lambda name, one: names.append(name) if isinstance(one, h5py.Dataset) and one.ndim == 2 else None)
    return next(name for name in names if "lstm" in name and name.endswith("kernel"))


def external_link(file: h5py.File) -> None:
    name = weight_of(file)
    del file[name]
    file[name] = h5py.ExternalLink("/etc/passwd", "/x")


def soft_link(file: h5py.File) -> None:
    file["again"] = h5py.SoftLink("/" + weight_of(file))


def external_storage(file: h5py.File) -> None:
    name = weight_of(file)
    shape = file[name].shape
    del file[name]
    file.create_dataset(name, shape, "f4", external=[("/etc/passwd", 0, h5py.h5f.UNLIMITED)])


def virtual(file: h5py.File) -> None:
    name = weight_of(file)
    layout = h5py.VirtualLayout(file[name].shape, "f4")
    layout[:] = h5py.VirtualSource("/etc/neighbour.h5", "secret", file[name].shape)
    del file[name]
    file.create_virtual_dataset(name, layout)


def circle(file: h5py.File) -> None:
    group = file[weight_of(file).rpartition("/")[0]]
    group["inside itself"] = group


def nothing_stored(file: h5py.File) -> None:
    name = weight_of(file)
    del file[name]
    file.create_dataset(name, (30_000, 30_000), "f4", chunks=(1_000, 1_000))


def packed_zeros(file: h5py.File) -> None:
    name = weight_of(file)
    del file[name]
    file.create_dataset(name, data=np.zeros((4_000, 4_000), "f4"), compression="gzip")


def other_filter(file: h5py.File) -> None:
    name = weight_of(file)
    found = np.asarray(file[name])
    del file[name]
    file.create_dataset(name, data=found, compression="lzf")


def deep(file: h5py.File) -> None:
    group = file
    for _ in range(500):
        group = group.create_group("g")


def onnx_edited(content: bytes, edit: Callable[[Any], None]) -> bytes:
    import onnx

    model = onnx.ModelProto.FromString(content)
    edit(model)
    changed: bytes = model.SerializeToString()
    return changed


def onnx_weight(model: Any, name: str = "W") -> Any:
    return next(one for one in model.graph.initializer if one.name == name)


def onnx_external(model: Any) -> None:
    tensor = onnx_weight(model)
    tensor.ClearField("raw_data")
    tensor.data_location = 1
    tensor.external_data.add(key="location", value="../../../etc/passwd")


def onnx_dims(model: Any) -> None:
    onnx_weight(model).dims[:] = [1, 1 << 40, 1 << 20]


def onnx_allocates(model: Any) -> None:
    """The weights are what a node makes, of 16 TB, when the graph is run."""
    from onnx import helper, numpy_helper

    model.graph.initializer.remove(onnx_weight(model))
    model.graph.initializer.append(numpy_helper.from_array(np.array([1, 1 << 22, 1 << 20]), "shape"))
    model.graph.node.insert(0, helper.make_node("ConstantOfShape", ["shape"], ["W"]))


def onnx_nested(model: Any) -> None:
    from onnx import helper

    for _ in range(30):
        node = helper.make_node("If", ["c"], ["y"], then_branch=model.graph, else_branch=model.graph)
        if model.ByteSize() > 200_000:
            break
        graph = helper.make_graph([node], "outer", [], [])
        model.graph.CopyFrom(graph)


def saved(change: Callable[[dict[str, bytes]], None], *, index: Callable[[bytes], bytes] | None = None) -> bytes:
    """A zipped checkpoint of one cell, after `change` has altered its files, by name, and `index` the bytes of its index."""
    files = made.checkpoint({"rnn/basic_rnn_cell/kernel": np.ones((5, 3), np.float32)}, "ck")
    change(files)
    if index is not None:
        files["ck.index"] = index(files["ck.index"])
    return made.zipped(files)


def of_entries(*entries: tuple[bytes, bytes], blocks: tuple[tuple[int, int], ...] = ()) -> bytes:
    """A checkpoint whose index says what it likes, with right checksums; `blocks`: where its blocks should lie."""
    index = made.table([(b"", made.header()), *entries])
    if blocks:
        listed = (
            made.block([(bytes([97 + n]), made.varint(a) + made.varint(b)) for n, (a, b) in enumerate(blocks)]) + b"\0"
        )
        sealed = listed + struct.pack("<I", made.masked(listed))
        index = sealed + (bytes(2) + made.varint(0) + made.varint(len(listed) - 1)).ljust(40, b"\0") + made.MAGIC
    return made.zipped({"ck.index": index, "ck.data-00000-of-00001": bytes(64)})


def circling() -> bytes:
    """A SavedModel whose layer lies in itself."""
    inside = made.field(1, made.field(1, 1) + made.field(2, "cell"))
    graph = made.field(1, made.field(1, made.field(1, 1) + made.field(2, "a"))) + made.field(1, inside)
    layer = {"class_name": "LSTM", "config": {"name": "a", "units": 4}}
    told = [
        ("root", {"class_name": "Sequential", "config": {"layers": [layer]}}),
        ("root.a", {"class_name": "LSTM", "name": "a"}),
    ]
    metadata = b"".join(made.field(1, made.field(3, path) + made.field(5, json.dumps(one))) for path, one in told)
    files = made.checkpoint({"_CHECKPOINTABLE_OBJECT_GRAPH": graph}, "variables/variables")
    return made.zipped({**files, "keras_metadata.pb": metadata})


def of_objects(graph: bytes) -> bytes:
    """A checkpoint of TensorFlow 2 with this object graph."""
    content = made.texted(graph, masked_crc32c)
    told = made.entry(7, (), 0, content, crc=made.text_crc(graph, masked_crc32c))
    index = made.table([(b"", made.header()), (b"_CHECKPOINTABLE_OBJECT_GRAPH", told)])
    return made.zipped({"ck.index": index, "ck.data-00000-of-00001": content})


def tensorflow_files() -> dict[str, tuple[bytes, str]]:
    cell = made.entry(1, (4,), 0, bytes(16))
    name = "ck.data-00000-of-00001"
    bomb = made.table([(b"%d" % n, bytes(7_000_000)) for n in range(2)], each=1, snappy=True, seal=masked_crc32c)
    return {
        "TF: truncated index": (saved(lambda _: None, index=lambda one: one[:-20]), "does not end as an index does"),
        "TF: truncated data": (saved(lambda files: files.update({name: files[name][:-8]})), "should end at byte 60 of a data file"),
        "TF: another weight": (saved(lambda files: files.update({name: bytes(60)})), "its checksum does not fit"),
        "TF: another index": (saved(lambda _: None, index=lambda one: b"\1" + one[1:]), "damaged (a checksum does not fit)"),
        "TF: a huge block": (of_entries(blocks=((100, 1 << 60),)), "a block of 1,152,921,504,606,846,976 bytes"),
        "TF: a circle of blocks": (of_entries(blocks=((0, 10), (3, 10))), "two of its blocks lie over one another"),
        "TF: overlapping tensors": (of_entries((b"a", cell), (b"b", cell)), "it lies over another tensor"),
        "TF: a huge tensor": (of_entries((b"a", made.entry(1, (1 << 35,), 0, bytes(16)))), "needs 137,438,953,472"),
        "TF: far away": (of_entries((b"a", made.entry(1, (4,), 1 << 60, bytes(16)))), "should end at byte 1,152,921,504,606,846,992"),
        "TF: outside": (made.zipped({"../../ck.index": b"x", "ck.data-00000-of-00001": b""}), "'../../ck.index' points outside"),
        "TF: zeros, packed": (saved(lambda files: files.update({"ck.index": bomb})), "unpacks to more than 8,000,000 bytes"),
        "TF: endless objects": (of_objects(b"\x0a\x00" * 400_000), "damaged (too many fields)"),
        "TF: a circle of objects": (circling(), "lie in one another without end"),
    }  # fmt: skip


def hostile_files(samples: dict[str, list[bytes]]) -> dict[str, tuple[bytes, str]]:
    """What attacks: the file, and what its sentence must say. `samples` are valid files, see `tests.fuzz.samples`."""
    h5, keras = samples["h5"][2], samples["keras"][1]
    onnx = samples["onnx"][1]
    good = torch_file(GOOD)
    strided = {**GOOD, "weight_ih_l0": torch.ones(1).as_strided((40_000, 250_000), (0, 0))}
    meta = {**GOOD, "weight_ih_l0": torch.ones(16, 3, device="meta")}
    sparse = {**GOOD, "weight_ih_l0": torch.ones(16, 3).to_sparse()}
    return {
        "all: empty": (b"", "is empty"),
        "all: random": (np.random.default_rng(0).bytes(100_000), "of no kind"),
        "all: truncated .pt": (good[:-200], "damaged or cut off"),
        "all: truncated .h5": (h5[:-2_000], "damaged or cut off"),
        "all: truncated .safetensors": (to_safetensors(GOOD)[:-20], "should have 448 bytes and has 428"),
        "all: truncated .onnx": (onnx[:-100], "damaged, cut off or no ONNX file"),
        "all: whole numbers for weights": (
            torch_file({name: one.int() for name, one in GOOD.items()}),
            "holds int32 numbers",
        ),
        "all: too many tensors": (packed_again(good, many), "reads up to 20,000"),
        "zip: a bomb (.keras)": (bomb(keras), "no model compresses so well"),
        "zip: outside": (packed_again(keras, outside), "outside its archive"),
        "zip: duplicates": (packed_again(good, doubled), "two entries of one name"),
        "zip: a link": (packed_again(keras, linked), "is a link"),
        "zip: encrypted": (encrypted(keras), "is encrypted"),
        ".pt: compressed": (packed_again(good, deflated), "is compressed"),
        ".pt: code": (torch_file({**GOOD, "x": Command()}), "asks for posix.system"),
        ".pt: a whole model with code": (torch_file(with_code(torch.nn.LSTM(3, 4))), "asks for posix.system"),
        ".pt: modules within themselves": (torch_file(within_itself()), "deep in one another"),
        ".pt: numbers packed by an attacker": (
            samples["whole"][1].replace(b"per_tensor_affine", b"per_tensor_chance"),
            "quantised in a way that is not known",
        ),
        "TorchScript: code": (packed_again(samples["whole"][6], commanding), "asks for posix.system"),
        "pickle: code": (pickle.dumps({**GOOD, "x": Command()}), "asks for posix.system"),
        "pickle: Keras, a bomb": (pickle.dumps(Bytes(bomb(keras))), "no model compresses so well"),
        "pickle: compressed, a bomb": (
            zlib.compress(pickle.dumps(bytes(250_000_000)), 1),
            "unpacks to more than 200 MB",
        ),
        "pickle: copies": (copying(), "copies what it holds again and again"),
        ".pt: strides": (torch_file(strided), "reaches for 10,000,000,000 numbers"),
        ".pt: meta": (torch_file(meta), '"meta" device'),
        ".pt: sparse": (torch_file(sparse), "a sparse tensor"),
        ".pt: code, legacy": (
            torch_file({**GOOD, "x": Command()}, _use_new_zipfile_serialization=False),
            "asks for posix.system",
        ),
        ".pt2: strides": (described(samples["exported"][0], endless), "reaches for 34,359,738,368 numbers"),
        ".pt2: code": (
            described(samples["exported"][0], lambda told: told.update(use_pickle=True)),
            "is not a plain tensor of numbers",
        ),
        ".safetensors: huge header": (safetensors_file(b'{"a":"' + b"x" * 44_000_000 + b'"}'), "44,000,008 bytes"),
        ".safetensors: absurd length": (struct.pack("<Q", 1 << 62) + b'{"a"', "4,611,686,018,427,387,904 bytes"),
        ".safetensors: duplicate names": (twice_named(), "'weight_ih_l0' twice"),
        ".safetensors: absurd shape": (declared([1 << 30, 1 << 30]), "that make sense"),
        "HDF5: external link": (edited(h5, external_link), "a link to another file"),
        "HDF5: soft link": (edited(h5, soft_link), "a soft link"),
        "HDF5: external storage": (edited(h5, external_storage), "stored in another file"),
        "HDF5: virtual": (edited(h5, virtual), "a view of other files"),
        "HDF5: circle": (edited(h5, circle), "in a circle"),
        "HDF5: nothing stored": (edited(h5, nothing_stored), "900,000,"),
        "HDF5: zeros, packed": (edited(h5, packed_zeros), "64,000,000 bytes but"),
        "HDF5: another filter": (edited(h5, other_filter), "filter 32000"),
        "HDF5: deep": (edited(h5, deep), "more than 32 deep"),
        "ONNX: external data": (onnx_edited(onnx, onnx_external), "in another file beside it"),
        "ONNX: huge dims": (onnx_edited(onnx, onnx_dims), "1099511627776"),
        "ONNX: a graph that allocates": (onnx_edited(onnx, onnx_allocates), "nothing that is constant"),
        "ONNX: graphs within graphs": (onnx_edited(onnx, onnx_nested), "in a If"),
        **tensorflow_files(),
    }
