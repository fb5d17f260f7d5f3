"""The small machine with a stack that a pickle is a program for: its steps make inert records in the place of objects.

None of what a pickle names is imported or called: an object becomes a `Record` of what its class is called, what it was
called with and its state.
"""

from collections.abc import Callable
from typing import Any

from lstm_core.importers.inert.arrays import scalar_in
from lstm_core.importers.inert.records import PERSISTENT, SET, Followed, Global, Record
from lstm_core.importers.limits import UnreadableFile, largest_file

MAX_KEY_PARTS = 16  # of a tuple that is a key: longer ones take long to hash
PAIR_BYTES = 200  # that a copied entry of a dictionary counts as
SAVED = 'torch.save(model.state_dict(), "model.pt")'
HOW = f"save its weights alone, {SAVED}, and upload that file"
RENAMED = (("__builtin__ ", "builtins "), ("copy_reg ", "copyreg "), ("numpy.core.", "numpy._core."))


class Machine:
    """The unpickler's stack and memo."""

    def __init__(self) -> None:
        self.found = Followed()
        self.stack: list[Any] = []
        self.below: list[list[Any]] = []  # the stacks below each open mark
        self.memo: dict[int, Any] = {}
        self.copied = 0  # entries and bytes that steps made of what was there already

    def step(self, name: str, argument: Any) -> None:
        """One step. Raises ValueError, IndexError or KeyError for what no pickler writes."""
        literal = _LITERALS.get(name)
        if literal is not None:
            self.stack.append(literal(argument))
            return
        match name:
            case "BINPUT" | "LONG_BINPUT" | "PUT":
                self.memo[argument] = self.stack[-1]
            case "MEMOIZE":
                self.memo[len(self.memo)] = self.stack[-1]
            case "BINGET" | "LONG_BINGET" | "GET":
                self.stack.append(self.memo[argument])
            case "MARK":
                self.below.append(self.stack)
                self.stack = []
            case "GLOBAL":
                self.stack.append(self.imported(argument))
            case "STACK_GLOBAL":
                own, module = self.stack.pop(), self.stack.pop()
                if not isinstance(own, str) or not isinstance(module, str):
                    raise ValueError("what is imported has no name")
                self.stack.append(self.imported(f"{module} {own}"))
            case "PERSID" | "BINPERSID":
                self.stack.append(self.referred(argument if name == "PERSID" else self.stack.pop()))
            case "STOP":
                self.found.made = self.stack.pop()
            case "PROTO" if argument > 5:
                raise ValueError(f"pickle protocol {argument} does not exist")
            case "PROTO" | "FRAME":
                pass
            case _:
                self.combine(name, argument)

    def combine(self, name: str, argument: Any) -> None:
        """A step that combines what is on the stack."""
        match name:
            case "TUPLE1" | "TUPLE2" | "TUPLE3":
                items = [self.stack.pop() for _ in range(int(name[-1]))]
                self.stack.append(tuple(reversed(items)))
            case "TUPLE":
                items = self.since_mark()
                self.stack.append(tuple(items))
            case "LIST":
                items = self.since_mark()
                self.stack.append(items)
            case "FROZENSET":
                items = self.since_mark()
                self.stack.append(Record(SET, (items,)))
            case "DICT":
                items = self.since_mark()
                self.stack.append({})
                self.fill(items)
            case "APPEND" | "APPENDS" | "ADDITEMS":
                items = [self.stack.pop()] if name == "APPEND" else self.since_mark()
                target = self.stack[-1]
                if not isinstance(target, list | Record):
                    raise ValueError("something is appended to what is no list")
                (target if isinstance(target, list) else target.listed).extend(items)
            case "SETITEM" | "SETITEMS":
                self.fill([self.stack.pop(), self.stack.pop()][::-1] if name == "SETITEM" else self.since_mark())
            case "POP":
                del (self.stack or self.since_mark())[-1:]
            case "POP_MARK":
                self.since_mark()
            case "DUP":
                self.stack.append(self.stack[-1])
            case _:
                self.object_step(name, argument)

    def object_step(self, name: str, argument: Any) -> None:
        """A step that makes an object or gives it its state."""
        match name:
            case "REDUCE" | "NEWOBJ":
                arguments, called = self.stack.pop(), self.stack.pop()
                self.stack.append(self.call(called, arguments, new=name == "NEWOBJ"))
            case "NEWOBJ_EX":
                _, arguments, called = self.stack.pop(), self.stack.pop(), self.stack.pop()
                self.stack.append(self.call(called, arguments, new=True))
            case "INST":
                parts = self.since_mark()
                self.stack.append(self.call(self.imported(argument), tuple(parts), new=True))
            case "OBJ":
                called, *parts = self.since_mark()
                self.stack.append(self.call(called, tuple(parts), new=True))
            case "BUILD":
                state = self.stack.pop()
                self.build(self.stack[-1], state)
            case _:
                raise ValueError(f"step {name}, which no framework writes")

    def since_mark(self) -> list[Any]:
        items, self.stack = self.stack, self.below.pop()
        return items

    def fill(self, items: list[Any]) -> None:
        """Keys and values, by turns, into the dictionary on the stack."""
        target = self.stack[-1]
        if not isinstance(target, dict | Record) or len(items) % 2:
            raise ValueError("something is put into what is no dictionary")
        entries = target if isinstance(target, dict) else target.pairs
        for key, value in zip(items[::2], items[1::2], strict=True):
            entries[_key(key)] = value

    def build(self, target: Any, state: Any) -> None:
        if isinstance(target, Record):
            both = isinstance(target.state, dict) and isinstance(state, dict)
            target.state = (target.state, state) if both else state
        elif not isinstance(target, dict):  # an OrderedDict's own attributes, as _metadata, are not looked at
            raise ValueError("what is no object is given a state")

    def imported(self, name: str) -> Global:
        for old, new in RENAMED:
            if name.startswith(old):
                name = new + name.removeprefix(old)
        self.found.names.setdefault(name)
        return Global(name)

    def referred(self, reference: Any) -> Any:
        """What lies elsewhere in the file; of a class, beside which old versions of torch wrote its source, the class."""
        if isinstance(reference, tuple) and reference[:1] == ("module",) and len(reference) > 1:
            return reference[1]
        if isinstance(reference, tuple):
            self.found.references.append(reference)
        return Record(PERSISTENT, (reference,))

    def call(self, called: Any, arguments: Any, *, new: bool) -> Any:
        """The result of a call: a plain value where the name is known to make one of these, else a record."""
        if not isinstance(arguments, tuple):
            raise ValueError("something is called with what are no arguments")
        if not isinstance(called, Global):
            return Record(called.name if isinstance(called, Record) else "something", arguments)
        name = called.name
        match name, arguments:
            case ("copyreg __newobj__", (Global() as own, *more)):
                return Record(own.name, tuple(more))
            case ("copyreg _reconstructor", (Global() as own, Global() as base, content)):
                made = Record(own.name)
                made.pairs = content if base.name == "builtins dict" and isinstance(content, dict) else {}
                return made
            case ("builtins getattr", (Global() as owner, str(attribute))):
                return Global(f"{owner.name}.{attribute}")
        return Record(name, arguments) if new else self.plain(name, arguments)

    def plain(self, name: str, arguments: tuple[Any, ...]) -> Any:
        match name, arguments:
            case ("collections OrderedDict" | "collections Counter" | "builtins dict", ()) | (
                "collections defaultdict",
                () | (_,),
            ):
                return {}
            case ("collections OrderedDict" | "builtins dict", (list(pairs),)):
                self.spend(PAIR_BYTES * len(pairs))
                if all(map(_is_pair, pairs)):
                    return {_key(key): value for key, value in pairs}
            case ("collections Counter", (dict() as entries,)) | ("collections defaultdict", (_, dict() as entries)):
                return entries
            case ("builtins list" | "builtins bytes", ()):
                return [] if name.endswith("list") else b""
            case ("_codecs encode" | "builtins bytearray", (str(text), "latin1" | "latin-1")):
                self.spend(len(text))
                return text.encode("latin-1")
            case ("builtins bytearray", (bytes() as content,)):
                return content
            case ("torch Size", (tuple(size),)):
                return size
            case ("numpy._core.multiarray scalar", (dtype, bytes(content))):
                found = scalar_in(dtype, content)
                return Record(name, arguments) if found is None else found
        return Record(name, arguments)

    def spend(self, count: int) -> None:
        """Copies are counted: a text that is in the file once may be copied a million times."""
        self.copied += count
        if self.copied > largest_file():
            raise UnreadableFile(f"this file's pickle copies what it holds again and again: {HOW}")


def _is_pair(one: Any) -> bool:
    return isinstance(one, list | tuple) and len(one) == 2


def _key(key: Any) -> Any:
    """The key of a dictionary, or an inert one where hashing it could take years, as of tuples within tuples."""
    match key:
        case str() | bytes() | float() | bool() | None | Record() | Global():
            return key
        case int():
            return key if -(2**63) <= key < 2**63 else Record("builtins int")
        case tuple() if len(key) <= MAX_KEY_PARTS and all(isinstance(part, str | int | float) for part in key):
            return key if all(not isinstance(part, int) or abs(part) < 2**63 for part in key) else Record("a key", key)
        case tuple():
            return Record("a key", key)
    raise ValueError("a key of a dictionary is none that Python has")


def _given(argument: Any) -> Any:
    return argument


_LITERALS: dict[str, Callable[[Any], Any]] = {
    **dict.fromkeys(("INT", "LONG", "LONG1", "LONG4", "BININT", "BININT1", "BININT2", "FLOAT", "BINFLOAT"), _given),
    **dict.fromkeys(("STRING", "BINSTRING", "SHORT_BINSTRING"), _given),
    **dict.fromkeys(("UNICODE", "SHORT_BINUNICODE", "BINUNICODE", "BINUNICODE8"), _given),
    **dict.fromkeys(("BINBYTES", "SHORT_BINBYTES", "BINBYTES8"), _given),
    "BYTEARRAY8": bytes,
    "NONE": lambda _: None,
    "NEWTRUE": lambda _: True,
    "NEWFALSE": lambda _: False,
    "EMPTY_LIST": lambda _: [],
    "EMPTY_TUPLE": lambda _: (),
    "EMPTY_DICT": lambda _: {},
    "EMPTY_SET": lambda _: Record(SET),
}
