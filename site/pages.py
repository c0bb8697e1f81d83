"""The pages to read: a start page, one page a notebook, the glossary, the series on one page.

nbconvert makes them, with templates of our own: it is already there with JupyterLab, knows
notebooks, and adds no script and no theme, so a page is what these files say and nothing else.
"""

import re
import shutil
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import nbformat
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from PIL import Image

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(ROOT / "scripts"))
import make_links  # noqa: E402
import series  # noqa: E402
from notebook_html import TEMPLATES, cells, place  # noqa: E402
from prose import Addresses, Prose  # noqa: E402

RUN = "lite/notebooks/index.html?path="  # what opens a notebook to run, from the start page
READ = "read"  # the folder of the pages
# What the series on one page points to: [07, *Large rates*](../notebooks/07_why_it_works.ipynb)
POINTER = re.compile(r"\[\d\d, \*([^*]+)\*\]\(\.\./notebooks/(\w+\.ipynb)(?=\))")
TEXTS = {  # further pages: file -> page, title, description
    "notebooks/glossary.md": (
        "glossary.html", "Glossary",
        "The words and symbols of a series of interactive notebooks on batch normalization.",
    ),
    "docs/one_page.md": (
        "one_page.html", "The series on one page",
        "Batch normalization on one page: what is proved, what was measured and where, what is a"
        " story, and what to use when.",
    ),
    "bnlib/datasets/README.md": (
        "data.html", "Data sets",
        "Where the data of the notebooks come from, under which licences, with which known flaws.",
    ),
}  # fmt: skip


@dataclass(frozen=True)
class Page:
    """A page to read: the file of the repository it is made from, and what is said of it."""

    source: str  # notebooks/00_tour.ipynb
    file: str  # 00_tour.html
    title: str  # 00 · Tour: …
    description: str
    entry: series.Entry | None = None  # of a notebook

    @property
    def run(self) -> str:
        """What opens the notebook to run, as seen from read/."""
        return f"../{RUN}{self.entry.file}"


def build_pages(out: Path, root: Path = ROOT) -> None:
    """Write index.html, style.css, read/ and what they show into the folder `out`.

    Where pyproject.toml does not say where the repository is public, what would be a link to it is
    plain text. Raises ValueError for a link that leads nowhere and for a formula that cannot be
    converted, with file and words.
    """
    out, root = Path(out), Path(root)
    repo, branch = published(root)
    notebooks = {
        path.name: nbformat.read(path, as_version=4)
        for path in sorted((root / "notebooks").glob("*.ipynb"))
    }
    pages = [page_of(series.entry(name, each)) for name, each in notebooks.items()]
    texts = [Page(source, *about) for source, about in TEXTS.items()]
    seen = {page.source: page.file for page in pages + texts}
    seen |= {"README.md": "../index.html", "LICENSE": "../LICENSE.txt"}
    addresses = Addresses(root, seen, f"https://github.com/{repo}/blob/{branch}" if repo else None)

    (out / READ / "pictures").mkdir(parents=True, exist_ok=True)
    for page, before, after in zip(pages, [None, *pages], [*pages[1:], None], strict=False):
        prose = Prose(page.source, addresses)
        body, pictures = cells(notebooks[page.entry.file], page, prose, root / "notebooks")
        write_reading(out, page, body, prose, before, after)
        for name, content in pictures.items():
            (out / READ / name).write_bytes(content)
    for page in texts:
        prose = Prose(page.source, addresses)
        text = (root / page.source).read_text(encoding="utf-8")
        text = POINTER.sub(
            lambda found: found[0] + place(notebooks[found[2]], found[1])
            if found[2] in notebooks else found[0], text,
        )  # fmt: skip
        write_reading(out, page, prose.convert(text), prose)
    write_start(out, root, pages, Prose("README.md", addresses), repo, branch)
    for name in ("style.css", "icon.svg", "formulas.woff2", "formulas.woff2.txt"):
        shutil.copy(HERE / name, out)
    shutil.copy(root / "LICENSE", out / "LICENSE.txt")


def published(root: Path) -> tuple[str | None, str]:
    """(repository, branch) as `make links` has written them into pyproject.toml."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    source = project.get("urls", {}).get("Source", "")
    found = re.fullmatch(r"https://github\.com/([^/]+/[^/]+)/tree/(.+)", source)
    return (found[1], found[2]) if found else (None, "main")


def page_of(entry: series.Entry) -> Page:
    can = entry.can.replace("$", "").replace("*", "")
    return Page(
        f"notebooks/{entry.file}", entry.file.replace(".ipynb", ".html"), entry.title,
        f"Batch normalization, {entry.title}. Afterwards you can {can}.", entry,
    )  # fmt: skip


def rendered(template: str, **context) -> str:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, autoescape=True,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    return environment.get_template(template).render(context)


def write_reading(out, page, body, prose, before=None, after=None) -> None:
    """The page `page` with its body, between the notebooks before and after it."""
    html = rendered(
        "reading.html.j2", up="../", page=page, body=body, before=before, after=after,
        headings=[each for each in prose.headings if each.level in (2, 3)],
    )  # fmt: skip
    (out / READ / page.file).write_text(html, encoding="utf-8", newline="\n")


def write_start(out, root, pages, prose, repo, branch) -> None:
    """The start page, with links to the repository and to Binder where it is public."""
    badges = make_links.badges(repo, branch, pages[0].entry.file) if repo else ""
    binder = re.search(r"https://mybinder\.org/v2[^)]+", badges)
    html = rendered(
        "index.html.j2", up="", pages=pages, read=READ, run=RUN, sentence=prose.inline,
        home=repo and f"https://github.com/{repo}", binder=binder and binder[0],
        moving=moving_picture(root, out),
    )  # fmt: skip
    (out / "index.html").write_text(html, encoding="utf-8", newline="\n")


def moving_picture(root: Path, out: Path) -> str:
    """Copy README's moving picture and its last frame, for who wants none; its alt text."""
    readme = (root / "README.md").read_text(encoding="utf-8")
    alt, path = re.search(r"!\[([^\]]+)\]\((\S+\.gif)\)", readme).groups()
    shutil.copy(root / path, out / "tour.gif")
    with Image.open(root / path) as picture:
        picture.seek(picture.n_frames - 1)
        picture.convert("RGB").quantize().save(out / "tour.png", optimize=True)
    return alt
