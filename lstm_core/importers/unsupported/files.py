"""Files that are not supported: what each is, and what to upload instead."""

import re
import zlib
from pathlib import PurePosixPath

MODELS = (
    "upload PyTorch weights (.pt, .pth, .bin, .ckpt, .pt2, .safetensors), a Keras model (.keras, .h5), an ONNX model "
    "(.onnx) or a TensorFlow checkpoint (.index and .data together)"
)
KERAS_AGAIN = "load it with Keras and save it with model.save('model.keras')"
CHECKPOINT_AGAIN = "choose all of its files at once, model.index and model.data-00000-of-00001 (and model.meta, if it is there), or zip them"
SAVED_MODEL_AGAIN = "choose the whole folder at once, with variables.index and variables.data-00000-of-00001, or zip it"
# Named as a state dict they are one.
ARRAYS_AGAIN = (
    "if their names are those of a state dict, upload "
    'torch.save({name: torch.from_numpy(array) for name, array in arrays.items()}, "model.pt")'
)
TORCH_AGAIN = "save the weights with torch.save(model.state_dict(), 'model.pt')"

UNPACK = "unpack it, and if there is a model in it, upload that"

# Where, which bytes, what it is, what to do.
SIGNATURES: tuple[tuple[int, bytes, str, str], ...] = (
    (0, b"%PDF", "a PDF document", MODELS),
    (0, b"\x89PNG", "a PNG image", MODELS),
    (0, b"\xff\xd8\xff", "a JPEG image", MODELS),
    (0, b"GIF8", "a GIF image", MODELS),
    (0, b"\x93NUMPY", "a NumPy array (.npy)", "a single array does not tell which layer it belongs to; " + MODELS),
    (0, b"GGUF", "a GGUF file of llama.cpp", "that format is not opened; " + MODELS),
    (0, b"lmgg", "a GGML file of llama.cpp", "that format is not opened; " + MODELS),
    (4, b"ET12", "an ExecuTorch program", "upload the weights of the PyTorch model that it was made from"),
    (4, b"TFL3", "a TensorFlow Lite model", "upload the Keras or TensorFlow model that it was made from"),
    (0, b"\x1f\x8b", "compressed with gzip", UNPACK),
    (0, b"BZh", "compressed with bzip2", UNPACK),
    (0, b"\xfd7zXZ", "compressed with xz", UNPACK),
    (0, b"\x28\xb5\x2f\xfd", "compressed with zstd", UNPACK),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (0, b"Rar!", "a RAR archive", UNPACK),
    (257, b"ustar", "a tar archive", UNPACK),
    (0, b"MATLAB 5.0", "a MATLAB file", "if it has a network, export that from MATLAB with exportONNXNetwork"),
    (0, b"PAR1", "a Parquet table", MODELS),
    (0, b"SQLite format 3", "an SQLite database", MODELS),
    (0, b"\x7fELF", "a program", MODELS),
    (0, b"MZ", "a program", MODELS),
)
BEFORE_TEXT = (b"%PDF", b"MATLAB 5.0")  # what such files begin with, before what is no text
GRAPH_NODE = re.compile(
    rb"\x12(\x05Const|\x0bPlaceholder)"
)  # the operation of a node of TensorFlow, as protobuf has it
PROGRAM = re.compile(
    r"#!|(import [\w.]+( as \w+)?(, *[\w.]+( as \w+)?)*|from [\w.]+ import .+|def \w+\(.*|class \w+[(:].*)$", re.M
)
SUFFIXES = (".pt", ".pth", ".bin", ".ckpt", ".pt2", ".safetensors", ".keras", ".h5", ".hdf5", ".onnx")

FETCH_AGAIN = "download the model itself, and look at its size before you upload it"
MAX_ANSWER_CHARS = 300  # characters of a server's refusal
REFUSING = re.compile(
    r"^\W*40[0134]\b[ :]*[a-z]|\bnot found\b|access ?denied|\b(?:forbidden|unauthori[sz]ed)\b|no such ?key|\"error\"\s*:\s*[\"{]",
    re.IGNORECASE,
)
WEIGHT_IN = re.compile(r'"([^"\\]{1,500})"\s*:\s*"([^"\\/]{1,100}\.(?:safetensors|bin))"')
RECURRENT_IN = re.compile(
    r'"((?:[^"\\]{1,500}\.)?weight_[ih]h(?:_l\d+)?(?:_reverse)?)"\s*:\s*"([^"\\/]{1,100}\.(?:safetensors|bin))"'
)


def unsupported_reason(head: bytes, name: str) -> str:
    """One sentence: what an unsupported file that begins with `head` is, and what to upload instead."""
    text = _text(head)
    for place, signature, what, instead in SIGNATURES:
        if head.startswith(signature, place) and (text is None or signature in BEFORE_TEXT):
            return f"this file is {what}: {instead}"
    if text is not None:
        return _stranger_in_text(text)
    if _is_zlib(head):
        return f"this file is compressed with zlib, and what is in it is no pickle: {TORCH_AGAIN}"
    if head[:2] == b"\x08\x01" and (b"saved_model" in head or b"serve" in head):
        return f"this file is a TensorFlow SavedModel, a part of a folder: {SAVED_MODEL_AGAIN}"
    if ".data-0" in name or PurePosixPath(name).suffix in (".index", ".meta"):
        return f"this file is called like a part of a TensorFlow checkpoint: {CHECKPOINT_AGAIN}"
    if head[:1] == b"\x0a" and GRAPH_NODE.search(head):
        return "this file is a TensorFlow graph: upload the checkpoint or the Keras model that it was made from"
    if PurePosixPath(name).suffix.lower() in SUFFIXES:
        return (
            f"this file is called {PurePosixPath(name).suffix.lower()} but does not begin as such a file does: "
            "it is damaged or something else; save the model again and upload it whole"
        )
    return f"this file is of no kind that Gatescope knows: {MODELS}"


def _is_zlib(head: bytes) -> bool:
    try:
        return bool(zlib.decompressobj().decompress(head, 100))
    except zlib.error:
        return False


def _stranger_in_text(text: str) -> str:
    start = text.lstrip("\ufeff \t\r\n")
    lowered = start[:1_000].lower()
    if lowered.startswith(("<!doctype html", "<html")) or (lowered.startswith("<") and "<html" in lowered):
        return f"this file is a web page, as a server sends one that wants a login or has no such file: {FETCH_AGAIN}"
    answer = _answer(start)
    if answer:
        return f"this file is a few words ({answer!r}), as a server's answer in the place of a file: {FETCH_AGAIN}"
    if start.startswith("version https://git-lfs"):
        return "this file is a pointer of Git LFS: fetch the model itself with git lfs pull"
    if start.startswith(("<?xml", "<svg")):
        return f"this file is XML: {MODELS}"
    if start.startswith(("{", "[")):
        return _stranger_in_json(start)
    if start.startswith("model_checkpoint_path:"):
        return f"this file only names the newest of several TensorFlow checkpoints: {CHECKPOINT_AGAIN}"
    if PROGRAM.match(start):
        return f"this file begins as a Python program, which is never run: {MODELS}"
    lines = text.splitlines()[:5]
    for separator in ",;\t":
        counts = {line.count(separator) for line in lines}
        if len(lines) > 1 and len(counts) == 1 and counts != {0}:
            return f"this file begins as a table of text (CSV), not as a model: {MODELS}"
    return f"this file begins as text, not as a model: {MODELS}"


def _answer(text: str) -> str:
    """The line in which a server says why it sent no file; empty if the text is none."""
    if len(text) > MAX_ANSWER_CHARS or not REFUSING.search(text):
        return ""
    return " ".join(text.split())[:60]


def _stranger_in_json(text: str) -> str:
    if '"weight_map"' in text:
        return _index(text)
    if '"modelTopology"' in text[:1_000] or '"weightsManifest"' in text:
        return (
            "this file is a TensorFlow.js model's JSON, whose weights are in .bin files beside it: turn it into a Keras model, "
            "tensorflowjs_converter --input_format=tfjs_layers_model --output_format=keras model.json model.h5"
        )
    if ('"class_name"' in text and '"config"' in text) or '"keras_version"' in text:
        return (
            "this file is a Keras model's JSON, which has its layers but not its weights: choose it together with the file "
            "of its weights (.h5)"
        )
    if '"nbformat"' in text or ('"cells"' in text[:1_000] and '"cell_type"' in text):
        return "this file is a Jupyter notebook, which is not run: upload the model that it saves"
    return f"this file begins as JSON, which is not read as a model (a vocabulary is given after the model): {MODELS}"


def _index(text: str) -> str:
    """What to upload when a model is split over several files and this one is their index."""
    found = dict.fromkeys(file for _, file in RECURRENT_IN.findall(text))
    files = list(found or dict.fromkeys(file for _, file in WEIGHT_IN.findall(text)))
    told = "this file only lists which weights are in which file"
    if found and len(files) == 1:
        return f"{told}: upload {files[0]!r}, which has the recurrent ones"
    shown = ", ".join(repr(file) for file in files[:3]) + (", …" if len(files) > 3 else "")
    if files and files[0].endswith(".safetensors"):
        return (
            f"{told} ({shown}): put these into one with safetensors.torch, "
            'save_file({name: one for file in files for name, one in load_file(file).items()}, "model.safetensors")'
        )
    return f"{told} ({shown}): load the model and save it in one file, torch.save(model.state_dict(), 'model.pt')"


def _text(head: bytes) -> str | None:
    """The beginning as text; None where it is none."""
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return head.decode("utf-16", errors="ignore")
    if b"\0" in head or sum(byte < 32 and byte not in b"\t\n\f\r\x1b" for byte in head):
        return None
    try:
        return head.decode()
    except UnicodeDecodeError as error:
        # The last letter may be cut in two; elsewhere it is another encoding, or no text.
        return head[: error.start].decode() if error.start > len(head) - 4 else None
