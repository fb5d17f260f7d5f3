"""A component's JavaScript files, joined for Streamlit.

Streamlit takes a component's JavaScript as one module. Ours are several: each becomes a separate module in the browser
(a blob), and the imports between them point there. Nothing else is bundled or rewritten.

A page or a notebook that must load nothing gets them as one script instead: a function a module.
"""

import json
import re
from pathlib import Path

from viz.locale.extract import words

_IMPORT = re.compile(r'from "(\.{1,2}/(?:\w+/)*\w+)\.js"')

_MESSAGE = re.compile(r'\b(?:N_|_)\(\s*("(?:[^"\\\n]|\\.)*")')

_IMPORTED = re.compile(r'^import \{([^}]*)\} from "\.{1,2}/(?:\w+/)*(\w+)\.js";$', re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?://.*|/\*\*(?:[^*]|\*(?!/))*\*/)\n", re.MULTILINE)  # on lines of its own
_EXPORTED = re.compile(r"^export ((?:async )?function\*? |class |const )(\w+)", re.MULTILINE)
_DEFAULT = re.compile(r"^export\x20default ", re.MULTILINE)
_LEFT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)

_LOADER = """
const urls = {};
for (const [name, source] of %s) {
  const linked = source.replace(/from "\\.{1,2}\\/(?:\\w+\\/)*(\\w+)\\.js"/g, (_, other) => `from "${urls[other]}"`);
  urls[name] = URL.createObjectURL(new Blob([linked, `\\n//# sourceURL=gatescope/${name}.js`], { type: "text/javascript" }));
}
export default (await import(urls.%s)).default;
"""


def modules(entry: str, folder: Path) -> list[tuple[str, str]]:
    """Name and source of `entry` and everything that it imports, each after its own imports."""
    ordered: dict[str, str] = {}
    places: dict[str, Path] = {}

    def visit(path: Path, above: tuple[str, ...]) -> None:
        name = path.stem
        if places.setdefault(name, path.resolve()) != path.resolve():
            raise ValueError(f"two modules have the name {name}: {places[name]} and {path.resolve()}")
        if name in above:
            raise ValueError(f"the modules {' -> '.join((*above, name))} import each other in a circle")
        if name in ordered:
            return
        source = path.read_text(encoding="utf-8")
        for other in _IMPORT.findall(source):
            visit(path.parent / f"{other}.js", (*above, name))
        ordered[name] = source

    visit(folder / f"{entry}.js", ())
    return list(ordered.items())


def javascript(entry: str, folder: Path) -> str:
    """One module that creates the others, which may be in sibling folders, and exports what `entry` exports."""
    found = modules(entry, folder)
    return found[0][1] if len(found) == 1 else _LOADER % (json.dumps(found), entry)


def script(entry: str, folder: Path, *, exports: bool = False) -> str:
    """The same modules as one script that imports nothing: each is a function that returns what it exports.

    With `exports`, the script is itself a module whose default export is that of `entry`.
    """
    found = "\n".join(_as_function(name, source) for name, source in modules(entry, folder))
    return f"{found}\nexport\ndefault ${entry}.default;\n" if exports else found


def _as_function(name: str, source: str) -> str:
    body = _COMMENT.sub("", source)
    body = _IMPORTED.sub(lambda one: f"const {{{one[1].replace(' as ', ': ')}}} = ${one[2]};", body)
    exported = [one[2] for one in _EXPORTED.finditer(body)]
    body = _EXPORTED.sub(r"\1\2", body)
    if _DEFAULT.search(body):
        body, exported = _DEFAULT.sub("const $default = ", body), [*exported, "default: $default"]
    left = _LEFT.search(body)
    if left:
        raise ValueError(f"the module {name} has a line that cannot be part of one script: {left[0]}")
    return f"const ${name} = (() => {{\n{body}\nreturn {{ {', '.join(exported)} }};\n}})();"


def messages(entry: str, folder: Path, *, markup: str = "") -> list[str]:
    """The sentences of `entry` and everything that it imports, marked as `_("...")` or `N_("...")`, in double quotes.

    And the words of its HTML: of MARKUP.html, or else ENTRY.html.
    """
    sources = [source for _name, source in modules(entry, folder)]
    html = folder / f"{markup or entry}.html"
    shown = words(html.read_text(encoding="utf-8")) if html.exists() else []
    return [*(json.loads(message) for source in sources for message in _MESSAGE.findall(source)), *shown]
