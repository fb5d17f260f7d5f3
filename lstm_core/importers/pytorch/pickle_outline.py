"""What a torch.save pickle would create, worked out without creating any of it, before torch reads the file.

`torch.load(weights_only=True)` runs no code, but it takes the file's word for sizes: a stride trick, `bytearray(10**10)`
or a storage of 10**10 numbers in 1.5 KB are memory that it asks for while it reads. So every step of the pickle is
followed here first, with names in the place of objects.
"""

import pickletools
from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO
from math import prod
from typing import Any

from lstm_core.importers.limits import LIMITS, UnreadableFile

MAX_PICKLE_STEPS = 1_500_000  # of one pickle: a vocabulary's entry takes about four
SAVED = 'torch.save(model.state_dict(), "model.pt")'
HOW = f"save its weights alone, {SAVED}, and upload that file"
OLD = "it was saved by an old or unusual version: load it there and save it again with torch.save"

ITEM_BYTES = {
    "torch FloatStorage": 4,
    "torch DoubleStorage": 8,
    "torch HalfStorage": 2,
    "torch BFloat16Storage": 2,
    "torch ByteStorage": 1,
    "torch CharStorage": 1,
    "torch BoolStorage": 1,
    "torch ShortStorage": 2,
    "torch IntStorage": 4,
    "torch LongStorage": 8,
    "torch ComplexFloatStorage": 8,
    "torch ComplexDoubleStorage": 16,
}
DTYPES = {f"torch {name}" for name in ("float16", "bfloat16", "float32", "float64", "int64", "int32", "uint8", "bool")}
TENSOR, PARAMETER, ORDERED = (
    "torch._utils _rebuild_tensor_v2",
    "torch._utils _rebuild_parameter",
    "collections OrderedDict",
)
HARMLESS = {"collections Counter", "torch Size", "torch device", "_codecs encode"}
KNOWN = ITEM_BYTES.keys() | DTYPES | {TENSOR, PARAMETER, ORDERED} | HARMLESS
OTHER_TENSORS = {
    "torch._utils _rebuild_sparse_tensor": "a sparse tensor",
    "torch._utils _rebuild_qtensor": "a quantised tensor",
    "torch._utils _rebuild_meta_tensor_no_storage": 'a tensor on the "meta" device, which has no values',
    "torch._utils _rebuild_nested_tensor": "a nested tensor",
    "torch._utils _rebuild_tensor_v3": "a tensor of a rare type",
    "torch._utils _rebuild_wrapper_subclass": "a tensor of a class of its own",
    "torch._utils _rebuild_parameter_with_state": "a parameter with attributes of its own",
    "torch._tensor _rebuild_from_type_v2": "a tensor of a class of its own",
}
QUANTISED = {"torch ScriptObject", "torch._C ScriptObject", "torch per_channel_affine", "torch qint8", "torch quint8"}


@dataclass(frozen=True)
class Global:
    """A global that the pickle imports by name."""

    name: str  # "module name"


@dataclass(frozen=True)
class Storage:
    """A block of numbers elsewhere in the file."""

    key: str
    kind: str  # one of ITEM_BYTES
    numbers: int

    @property
    def size(self) -> int:
        """In bytes."""
        return self.numbers * ITEM_BYTES[self.kind]


class Made:
    """A container, a tensor, or the result of a refused call."""

    __slots__ = ("items", "kind")

    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.items: list[Any] | tuple[()] = ()  # of a list; made when it is filled, for a file may have a million


@dataclass
class Outline:
    """What a pickle would create."""

    made: Any = None  # a number, a text, a tuple, or one of the classes above
    storages: dict[str, Storage] = field(default_factory=dict)
    tensors: int = 0
    refused: list[str] = field(default_factory=list)  # globals beyond those of weights, in the order of the file


def outline(pickle: BytesIO) -> Outline:
    """The outline of the next pickle in these bytes; reads up to its end.

    Raises UnreadableFile for one that is damaged, that needs code to run, or whose tensors reach beyond what is stored.
    """
    machine = _Machine()
    try:
        for step, (opcode, argument, _) in enumerate(pickletools.genops(pickle)):
            if step > MAX_PICKLE_STEPS:
                raise UnreadableFile(f"this file's pickle has more than {MAX_PICKLE_STEPS:,} steps: {HOW}")
            machine.follow(opcode.name, argument)
    except (ValueError, IndexError, KeyError) as error:
        if isinstance(error, UnreadableFile):
            raise
        if not machine.found.refused:
            raise UnreadableFile(
                f"this file's pickle is damaged or cut off ({str(error)[:100]}): save the model again and upload it whole"
            ) from error
    if machine.found.refused:
        raise UnreadableFile(refusal(machine.found.refused))
    return machine.found


def refusal(names: list[str]) -> str:
    """Why a pickle with these globals is refused, and what to do instead."""
    first = names[0]
    shown = first.replace(" ", ".")[:80]
    if first in OTHER_TENSORS:
        return (
            f"this file holds {OTHER_TENSORS[first]}, and Gatescope reads plain dense tensors: "
            "turn it into one (to_dense, dequantize) before torch.save"
        )
    if any(name.startswith(("torch.nn.modules.", "torch.nn.parallel")) for name in names):
        return f"this file holds a whole pickled model ({shown}), and to open it its code would have to run: {HOW}"
    if first in QUANTISED:
        return (
            f"this file holds weights that were packed when the model was quantised ({shown}), which only torch's own code "
            f"unpacks: save the model before it is quantised, {SAVED}"
        )
    return f"this file asks for {shown} beside its weights, which is code that would have to run: {HOW}"


class _Machine:
    """The unpickler's stack and memo, with names in place of objects."""

    def __init__(self) -> None:
        self.found = Outline()
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []  # the stacks below each open mark
        self.memo: dict[int, Any] = {}

    def follow(self, name: str, argument: Any) -> None:
        """One step. Raises UnreadableFile for what torch would refuse too, ValueError and IndexError for malformed input."""
        match name:
            case "PROTO" if argument != 2:
                raise UnreadableFile(
                    f"this file was saved with pickle protocol {argument}, and only protocol 2 can be read without "
                    "running code: save it without pickle_protocol="
                )
            case "PROTO":
                pass
            case "STOP":
                self.found.made = self.stack.pop()
            case "GLOBAL":
                if argument not in KNOWN:
                    self.found.refused.append(argument)
                self.stack.append(Global(argument))
            case "NONE" | "NEWTRUE" | "NEWFALSE":
                self.stack.append({"NONE": None, "NEWTRUE": True, "NEWFALSE": False}[name])
            case "BININT" | "BININT1" | "BININT2" | "LONG1" | "BINFLOAT" | "BINUNICODE" | "SHORT_BINSTRING":
                self.stack.append(argument)
            case "EMPTY_LIST" | "EMPTY_DICT":
                self.stack.append(Made(name.removeprefix("EMPTY_").lower()))
            case "BINPUT" | "LONG_BINPUT":
                self.memo[argument] = self.stack[-1]
            case "BINGET" | "LONG_BINGET":
                self.stack.append(self.memo[argument])
            case "BINPERSID":
                self.stack.append(self.storage(self.stack.pop()))
            case _:
                self.combine(name)

    def combine(self, name: str) -> None:
        """A step that combines what is on the stack."""
        match name:
            case "MARK":
                self.below.append(self.stack)
                self.stack = []
            case "EMPTY_TUPLE" | "TUPLE1" | "TUPLE2" | "TUPLE3":
                count = 0 if name == "EMPTY_TUPLE" else int(name[-1])
                items = [self.stack.pop() for _ in range(count)]
                self.stack.append(tuple(reversed(items)))
            case "TUPLE":
                items = self.since_mark()
                self.stack.append(tuple(items))
            case "APPEND" | "APPENDS":
                items = [self.stack.pop()] if name == "APPEND" else self.since_mark()
                target = self.onto("list")
                if isinstance(target.items, tuple):
                    target.items = []
                target.items.extend(items)
            case "SETITEM" | "SETITEMS":
                items = [self.stack.pop(), self.stack.pop()][::-1] if name == "SETITEM" else self.since_mark()
                self.onto("dict", "OrderedDict", "Counter")
                for key in items[::2]:
                    _check_key(key)
            case "REDUCE" | "NEWOBJ":
                arguments, made = self.stack.pop(), self.stack.pop()
                self.stack.append(self.call(made, arguments, new=name == "NEWOBJ"))
            case "BUILD":
                self.stack.pop()
                self.onto("OrderedDict", "Counter")
            case _:
                raise ValueError(f"step {name}, which torch.save never writes")

    def since_mark(self) -> list[Any]:
        items, self.stack = self.stack, self.below.pop()
        return items

    def onto(self, *kinds: str) -> Made:
        """What is filled, one of these kinds; anything where the pickle is refused anyhow."""
        target = self.stack[-1]
        if self.found.refused:
            return target if isinstance(target, Made) else Made("refused")
        if not isinstance(target, Made) or target.kind not in kinds:
            raise ValueError(f"something is put into what is no {kinds[0]}")
        return target

    def call(self, function: Any, arguments: Any, *, new: bool) -> Any:
        """The result of calling one of the few harmless names."""
        if self.found.refused:
            return Made("refused")
        if not isinstance(function, Global) or not isinstance(arguments, tuple) or new:
            raise ValueError("something is called that is no function of torch.save's")
        match function.name, arguments:
            case (n, (Storage() as storage, int(offset), tuple(size), tuple(stride), bool(), *_)) if n == TENSOR:
                if len(arguments) not in (6, 7) or (len(arguments) == 7 and arguments[6] is not None):
                    raise UnreadableFile(f"this file holds a conjugated or negated view of a tensor: {HOW}")
                self.found.tensors += 1
                if self.found.tensors > LIMITS.tensors:
                    raise UnreadableFile(f"this file has more than {LIMITS.tensors:,} tensors; Gatescope reads no more")
                check_view(storage.numbers, offset, size, stride)
                return Made("tensor")
            case (n, (Made(kind="tensor"), bool(), _)) if n == PARAMETER:
                return Made("parameter")
            case (n, ()) if n == ORDERED:
                return Made("OrderedDict")
            case ("collections Counter", () | (Made(kind="dict"),)):
                return Made("Counter")
            case ("torch Size", (tuple(size),)) if all(type(length) is int for length in size):
                return size
            case ("torch device", (str(),) | (str(), int())):
                return Made("device")
            case ("_codecs encode", (str(), "latin1")):
                return Made("bytes")
        raise UnreadableFile(
            f"this file calls {function.name.replace(' ', '.')} in a way that torch.save never does: {OLD}"
        )

    def storage(self, described: Any) -> Storage | Made:
        if self.found.refused:
            return Made("refused")
        match described:
            case ("storage", Global(name=kind), str(key), str(), int(numbers), *views) if kind in ITEM_BYTES:
                found = Storage(key, kind, numbers)
                if type(numbers) is not int or numbers < 0 or any(view is not None for view in views) or len(views) > 1:
                    raise UnreadableFile(f"this file describes its storage {key[:20]!r} in an unusual way: {OLD}")
                if self.found.storages.setdefault(key, found) != found:
                    raise UnreadableFile(f"this file describes its storage {key[:20]!r} twice, differently: {OLD}")
                return found
        raise UnreadableFile(f"this file refers to something that is not a tensor's storage: {HOW}")


def _check_key(key: Any) -> None:
    # A few tuples within one another, thirty times, take years to hash.
    if isinstance(key, tuple) and any(isinstance(part, tuple) for part in key):
        raise UnreadableFile(f"this file has a dictionary whose keys are nested tuples: {HOW}")


def check_view(stored: int, offset: int, size: Sequence[Any], stride: Sequence[Any]) -> None:
    """Raise UnreadableFile unless a tensor of that size, stride and offset lies within `stored` numbers."""
    numbers = (offset, *size, *stride)
    if len(size) != len(stride) or len(size) > 64 or any(type(n) is not int or not 0 <= n < 2**62 for n in numbers):
        raise UnreadableFile(f"this file has a tensor with an invalid size or strides: {OLD}")
    count = prod(size)
    reach = offset + 1 + sum((length - 1) * step for length, step in zip(size, stride, strict=True)) if count else 0
    if max(count, reach) > stored:
        raise UnreadableFile(
            f"a tensor of shape {'x'.join(map(str, size))[:80]} reaches for {max(count, reach):,} numbers where the file "
            f"stores {stored:,}: it is not read"
        )
