"""Markdown of the notebooks and of the repository's pages as HTML of the site."""

import html
import re
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from posixpath import normpath

from formulas import mathml
from mistune.plugins.table import render_table_cell
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

# A formula and the mark before or after it, between which a browser would else begin a new line.
FORMULA = r'<math [^>]*display="inline"(?:(?!</math>).)*</math>'
TOGETHER = re.compile(rf"[(\[]{FORMULA}[^\s\w<]*|{FORMULA}(?:[^\s\w<]+(?:s\b)?)")
OUTSIDE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


@dataclass(frozen=True)
class Addresses:
    """Where a link of the repository leads on the site.

    `pages` has for a file of the repository, "notebooks/00_tour.ipynb", its page as seen from
    read/: "00_tour.html". Other files are shown at `blob`, the address of the repository's files
    ("https://github.com/owner/name/blob/main"), and not at all where that is None.
    """

    root: Path
    pages: dict[str, str]
    blob: str | None

    def of(self, target: str, source: str) -> str | None:
        """The address of `target`, as `source` names it; None where there is none to show.

        Raises ValueError if `target` is no file of the repository.
        """
        if OUTSIDE.match(target):
            return target
        path, hash_, fragment = target.partition("#")
        file = normpath(str(PurePosixPath(source).parent / path)) if path else source
        if not (self.root / file).exists():
            raise ValueError(f"{source} links to {target}, which is not there")
        if file.endswith(".ipynb"):  # JupyterLab's name of a heading is its words
            fragment = slug(fragment)
        page = "" if not path else self.pages.get(file)
        if page is None and self.blob:
            page = f"{self.blob}/{file}"
        return None if page is None else f"{page}{hash_}{fragment}"


@dataclass(frozen=True)
class Heading:
    """A heading on a page, for its table of contents."""

    level: int
    id: str
    words: str  # HTML without links


def slug(words: str) -> str:
    """The id of a heading: its letters and digits, with hyphens between words."""
    return re.sub(r"\W+", "-", words.lower()).strip("-")


def plain(markup: str) -> str:
    """The words of a piece of HTML."""
    return html.unescape(re.sub(r"<[^>]+>", "", markup))


class Prose(IPythonRenderer):
    """Turns the Markdown of one page into HTML, and collects its headings on the way.

    `source` is the file of the repository that the Markdown stands in.
    """

    def __init__(self, source: str, addresses: Addresses):
        super().__init__(escape=False, exclude_anchor_links=True)
        self.source, self.addresses = source, addresses
        self.headings: list[Heading] = []

    def convert(self, markdown: str) -> str:
        return TOGETHER.sub(
            r'<span class="together">\g<0></span>', MarkdownWithMath(renderer=self).render(markdown)
        )

    def inline(self, markdown: str) -> str:
        """A sentence, without the paragraph around it."""
        return re.sub(r"\A<p>|</p>\n*\Z", "", self.convert(markdown))

    def _formula(self, tex: str, display: bool) -> str:
        try:
            return mathml(tex, display)
        except ValueError as error:
            raise ValueError(f"{self.source}: {error}") from error

    def inline_math(self, body: str) -> str:
        return self._formula(body, False)

    def block_math(self, body: str) -> str:
        return f'<span class="formula">{self._formula(body, True)}</span>'

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(rf"\begin{{{name}}}{body}\end{{{name}}}")

    def heading(self, text: str, level: int, **attrs) -> str:
        id = slug(plain(text))
        same = sum(re.fullmatch(rf"{re.escape(id)}(-\d+)?", each.id) is not None
                   for each in self.headings)  # fmt: skip
        id += f"-{same + 1}" if same else ""
        self.headings.append(Heading(level, id, re.sub(r"</?a\b[^>]*>", "", text)))
        return f'<h{level} id="{id}">{text}</h{level}>\n'

    def link(self, text: str, url: str, title: str | None = None) -> str:
        address = self.addresses.of(url, self.source)
        return text if address is None else super().link(text, address, title)

    def table(self, text: str) -> str:
        """A table that scrolls inside itself where the page is narrow."""
        return f'<div class="wide"><table>{text}</table></div>\n'

    def table_cell(self, text: str, align: str | None = None, head: bool = False) -> str:
        """A cell; one without words heads nothing."""
        return render_table_cell(self, text, align, head and bool(text.strip()))
