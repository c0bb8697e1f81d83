"""Write what the notebooks say of themselves wherever the series is listed.

python scripts/series.py            README's table, the last line of each notebook, "How the
                                    series goes on" in the first, and docs/one_page.md
python scripts/series.py --check    change nothing, say what differs

It stands in the first text cell of each notebook, as in notebooks/03_gamma_beta.ipynb:

    # 03 · γ and β                                   links show the title up to its first : or ,
    **Afterwards you can** place γ and β, and ….
    About 50 minutes.
    <!-- in the series: adds γ and β -->             the words after "03" in the first notebook

The page is what stands in text cells named one-page, one-page-proved, …, in whichever notebook.
"""

import argparse
import re
import sys
from dataclasses import dataclass
from pathlib import Path

import nbformat
from make_links import CLOSE as BADGES_END
from make_links import OPEN as BADGES

ROOT = Path(__file__).resolve().parent.parent
PAGE, PAGE_CELLS = Path("docs", "one_page.md"), "one-page"
TABLE, TABLE_END = "<!-- series -->", "<!-- /series -->"
ALL = "[All notebooks](../README.md)"
GOES_ON = "**How the series goes on.**"
WANTED = {  # what is looked for in the first text cell, and how it is told
    "title": (r"\A# (\d\d · [^\n]+)", "# {number} · Title"),
    "can": (r"^\*\*Afterwards you can\*\*\s+(.+?)\.?\s*(?:\n\n|\Z)", "**Afterwards you can** …."),
    "minutes": (r"\bAbout (\d+) minutes", "About 50 minutes"),
    "does": (r"<!-- in the series: (.+?)\.? -->", "<!-- in the series: adds γ and β -->"),
}


@dataclass(frozen=True)
class Entry:
    """A notebook in the series: its file, and what its first text cell says."""

    file: str
    title: str  # 03 · γ and β
    can: str  # afterwards you can …
    minutes: str
    does: str  # 03 …

    @property
    def number(self) -> str:
        return self.file[:2]

    @property
    def short(self) -> str:
        return re.split("[:,]", self.title)[0]

    @property
    def link(self) -> str:
        return f"[{self.short}]({self.file})"

    @property
    def row(self) -> str:
        link, can = self.link.replace("](", "](notebooks/"), re.sub(r"\$(\w+)\$", r"\1", self.can)
        cells = (cell.replace("|", r"\|") for cell in (link, can, self.minutes))
        return f"| {' | '.join(cells)} |"


def text_cells(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    return [cell for cell in notebook.cells if cell.cell_type == "markdown"]


def entry(file: str, notebook: nbformat.NotebookNode) -> Entry:
    """What a notebook says of itself; ValueError names the file and what is missing there."""
    said = next((cell.source for cell in text_cells(notebook)), "")
    said = re.sub(f"{BADGES}.*?{BADGES_END}", "", said, flags=re.DOTALL).strip()
    found = {}
    for part, (pattern, wanted) in WANTED.items():
        match = re.search(pattern, said, re.DOTALL | re.MULTILINE)
        if not match or (part == "title" and match[1][:2] != file[:2]):
            wanted = wanted.format(number=file[:2])
            raise ValueError(f"{file}: its first text cell lacks the line {wanted!r}")
        found[part] = " ".join(match[1].split())
    return Entry(file, **found)


def footer(series: list[Entry], at: int) -> str:
    """The last line of a notebook: the way back, to all of them, and on."""
    parts = [f"previous: {series[at - 1].link}"] if at else []
    parts += [ALL] + [f"next: {each.link}" for each in series[at + 1 : at + 2]]
    return " · ".join(parts)


def goes_on(series: list[Entry]) -> str:
    """The paragraph of the first notebook about those after it."""
    rest = (f"[{each.number}]({each.file}) {each.does}." for each in series[1:])
    return " ".join([GOES_ON, *rest])


def one_page(paths: list[Path], notebooks: list[nbformat.NotebookNode]) -> str:
    """What docs/one_page.md says; empty where no notebook has such cells."""
    said = [(path, cell.source) for path, each in zip(paths, notebooks, strict=True)
            for cell in text_cells(each) if cell.id.startswith(PAGE_CELLS)]  # fmt: skip
    if not said:
        return ""
    text = re.sub(r"^#(#+ )", r"\1", "\n\n".join(source for _, source in said), flags=re.MULTILINE)
    text = re.sub(r"\]\((?!\w+:|#)", "](../notebooks/", text)
    return f"{text}\n\n*The end of [{said[0][0].name}](../notebooks/{said[0][0].name}).*\n"


def replaced(pattern: str, new: str, text: str, where: str) -> str:
    """`text` with `new` for the one place where the pattern matches."""
    text, times = re.subn(pattern, lambda _: new, text, flags=re.DOTALL | re.MULTILINE)
    if times != 1:
        raise ValueError(f"{where}: {times} places match {pattern!r}, wanted is one")
    return text


def stale(root: Path, write: bool) -> list[str]:
    """The files that differ from what the notebooks say; brought up to date if `write`."""
    paths = sorted((root / "notebooks").glob("*.ipynb"))
    notebooks = [nbformat.read(path, as_version=4) for path in paths]
    series = [entry(path.name, each) for path, each in zip(paths, notebooks, strict=True)]
    changed = []
    for at, (path, notebook) in enumerate(zip(paths, notebooks, strict=True)):
        last = text_cells(notebook)[-1]
        end = rf"^[^\n]*{re.escape(ALL)}[^\n]*\Z"
        new = replaced(end, footer(series, at), last.source, path.name)
        if at == 0:
            new = replaced(rf"^{re.escape(GOES_ON)}[^\n]*", goes_on(series), new, path.name)
        if new != last.source:
            last.source = new
            changed.append((path, notebook))
    readme = root / "README.md"
    old = readme.read_text(encoding="utf-8")
    head = ["| notebook | afterwards you can | minutes |", "|---|---|---|"]
    table = "\n".join([TABLE, *head, *(each.row for each in series), TABLE_END])
    new = replaced(f"{TABLE}.*?{TABLE_END}", table, old, readme.name)
    page, said = root / PAGE, one_page(paths, notebooks)
    page_differs = said and not (page.exists() and page.read_text(encoding="utf-8") == said)
    if write:
        for path, notebook in changed:
            nbformat.write(notebook, path)
        readme.write_text(new, encoding="utf-8", newline="\n")
        if page_differs:
            page.parent.mkdir(exist_ok=True)
            page.write_text(said, encoding="utf-8", newline="\n")
    written = [path.name for path, _ in changed] + [readme.name] * (new != old)
    return written + [page.name] * bool(page_differs)


def main(arguments: list[str] | None = None, root: Path = ROOT) -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--check", action="store_true", help="change nothing")
    check = parser.parse_args(arguments).check
    try:
        found = stale(root, write=not check)
    except ValueError as error:
        print(error)
        return 1
    for name in found:
        print(f"{name}: " + ("differs from the series: run `make series`" if check else "written"))
    if not found:
        print("the series is listed as its notebooks say")
    return int(check and bool(found))


if __name__ == "__main__":
    sys.exit(main())
