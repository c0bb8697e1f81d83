"""glossary.md: each symbol of a formula is in it, with one meaning; each link leads to a word."""

import re
from collections import Counter
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(path.name for path in FOLDER.glob("*.ipynb"))
GLOSSARY = (FOLDER / "glossary.md").read_text(encoding="utf-8")

GREEK = dict(
    alpha="α", beta="β", gamma="γ", delta="δ", epsilon="ε", varepsilon="ε", eta="η", theta="θ",
    kappa="κ", lambda_="λ", mu="μ", nu="ν", pi="π", rho="ρ", sigma="σ", tau="τ", phi="φ", omega="ω",
    Delta="Δ", Sigma="Σ", sum="Σ", partial="∂",
)  # fmt: skip
GREEK["lambda"] = GREEK.pop("lambda_")
FUNCTIONS = {"arctan", "cos", "exp", "log", "max", "min", "sin", "tan", "tanh"}  # known from school
ACCENTS = {"hat": "\N{COMBINING CIRCUMFLEX ACCENT}", "tilde": "\N{COMBINING TILDE}",
           "overline": "\N{COMBINING OVERLINE}", "bar": "\N{COMBINING OVERLINE}"}  # fmt: skip
TOKEN = re.compile(r"""
    \\(?:begin|end)\{\w+\}
  | \\(?P<name>text|mathrm|operatorname|mathbb)\{(?P<words>[^{}]*)\}
  | \\(?P<accent>hat|tilde|overline|bar)\s*
    (?:\{(?P<under>[^{}]+)\}|(?P<one>\\?[A-Za-z]+?)(?![a-z]))
  | (?P<derivative>d)(?=\\(?:tilde|gamma|beta|mu|sigma)|[Wwbz](?![A-Za-z]))
  | \\(?P<macro>[A-Za-z]+)
  | (?P<letter>[A-Za-zα-ωΑ-Ω∂])
""", re.VERBOSE)  # fmt: skip
INDEX = re.compile(r"_(?:\{?\\(?:text|mathrm)\{(\w+)\}\}?|\{?\\(max|min)\}?|(B)|\{?(\d)\}?)")


def formulas(markdown):
    """What stands between dollar signs."""
    markdown = re.sub(r"```.*?```|`[^`]*`", "", markdown, flags=re.DOTALL)
    return ["".join(pair) for pair in re.findall(r"\$\$(.+?)\$\$|\$(.+?)\$", markdown, re.DOTALL)]


def symbols(formula):
    """The symbols of a formula, in their order: m, z_norm, μ_B, σ, λ_max, ṽ, E, lr, ...

    An index of letters, as in x_t, is a symbol of its own, and so is what is put on top of z; a
    name, a B or a digit below belongs to the letter. Words and what only sets the formula do not
    count.
    """
    found, at = [], 0
    while match := TOKEN.search(formula, at):
        at = match.end()
        symbol = None
        if match["words"] is not None:
            symbol = match["words"].strip()
            if not re.fullmatch(r"[A-Za-z]+", symbol) or symbol in FUNCTIONS or len(symbol) > 4:
                symbol = None
        elif match["accent"]:
            inside = symbols(match["under"] or match["one"])
            symbol = inside[0] + ACCENTS[match["accent"]] if inside else None
        elif match["derivative"]:
            symbol = "d before a symbol"
        elif match["macro"]:
            symbol = GREEK.get(match["macro"])
        elif match["letter"]:
            symbol = match["letter"]
        if symbol not in (None, "Σ") and (index := INDEX.match(formula, at)):
            symbol, at = f"{symbol}_{next(filter(None, index.groups()))}", index.end()
        if symbol:
            found.append(symbol)
    return found


def rows():
    """(formulas, meaning, where) of each row of the table of symbols."""
    table = GLOSSARY.split("## Symbols", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")]
    return [tuple(cell.strip() for cell in line.strip("|").split(" | ")) for line in lines[1:]]


def heads(shown):
    """What a row is about: the first symbol of each formula in its first cell."""
    return {symbols(formula)[0] for formula in formulas(shown)}


MEANING = {symbol: row for row in rows() for symbol in heads(row[0])}
ANCHORS = re.findall(r'<a id="([^"]+)"></a>', GLOSSARY)


@pytest.fixture(params=NOTEBOOKS)
def notebook(request):
    """A notebook's name, and the text of its cells of text."""
    cells = nbformat.read(FOLDER / request.param, as_version=4).cells
    return request.param, [cell.source for cell in cells if cell.cell_type == "markdown"]


@pytest.mark.parametrize(
    ("formula", "wanted"),
    [
        (r"z_\text{norm}^{(i)} = \frac{z-\mu_B}{\sqrt{\sigma^2+\varepsilon}}",
         ["z_norm", "i", "z", "μ_B", "σ", "ε"]),
        (r"\tilde z=\gamma\,a W+\hat v_t", ["z\u0303", "γ", "a", "W", "v\u0302", "t"]),
        (r"\text{lr} < 2/\lambda_{\max}\quad\text{for a large batch}", ["lr", "λ_max"]),
        (r"\operatorname{E}[\sigma_B^2], m_1\sin\omega, \overline{z^2}",
         ["E", "σ_B", "m_1", "ω", "z\u0305"]),
        (r"\mu^{\{t\}}, d\gamma, \partial L", ["μ", "t", "d before a symbol", "γ", "∂", "L"]),
    ],
)  # fmt: skip
def test_symbols_are_read_from_formulas(formula, wanted):
    assert symbols(formula) == wanted


def test_no_symbol_has_two_meanings():
    known = Counter(symbol for row in rows() for symbol in heads(row[0]))
    assert [symbol for symbol, times in known.items() if times > 1] == []
    assert all(len(row) == 3 and all(row) for row in rows())


def test_each_symbol_of_a_formula_is_in_the_glossary_for_this_notebook(notebook):
    """A row names the notebooks where its meaning holds, so a second meaning elsewhere is seen."""
    name, cells = notebook
    for cell in cells:
        for formula in formulas(cell):
            for symbol in symbols(formula):
                assert symbol in MEANING, f"{symbol} in ${formula}$ is not in the glossary"
                where = MEANING[symbol][2]
                assert where == "all" or name[:2] in where.split(", "), (
                    f"{symbol} in ${formula}$: the glossary knows it from {where} as "
                    f"{MEANING[symbol][1]!r}. If that is meant, add {name[:2]}; if not, rename it."
                )


def test_greek_letters_in_the_text_are_in_the_glossary_too(notebook):
    _, cells = notebook
    known = "".join(MEANING)
    letters = set(re.findall(r"[α-ωΑ-Ω]", " ".join(cells)))
    assert [letter for letter in letters if letter not in known] == []


def test_each_row_names_notebooks_that_use_it():
    used = {}
    for name in NOTEBOOKS:
        for cell in nbformat.read(FOLDER / name, as_version=4).cells:
            if cell.cell_type == "markdown":
                for formula in formulas(cell.source):
                    for symbol in symbols(formula):
                        used.setdefault(symbol, set()).add(name[:2])
    found = {}
    for shown, _, where in rows():
        here = sorted(set().union(*(used.get(symbol, set()) for symbol in heads(shown))))
        found[shown] = where if where == "all" and here else ", ".join(here)
    assert found == {shown: where for shown, _, where in rows()}


def test_each_notebook_links_the_glossary(notebook):
    _, cells = notebook
    assert "Words and symbols: [glossary](glossary.md)" in cells[0]


def test_links_lead_to_a_word(notebook):
    _, cells = notebook
    for word in re.findall(r"\]\(glossary\.md#([^)\s]*)\)", " ".join(cells)):
        assert word in ANCHORS, f"glossary.md#{word}"


def test_the_glossary_is_in_order_and_its_own_links_lead_somewhere():
    assert len(set(ANCHORS)) == len(ANCHORS)
    words = re.findall(r'^((?:<a id="[^"]+"></a>)+)\*\*(.+?)\.?\*\*', GLOSSARY, re.MULTILINE)
    names = [re.sub(r"[ ,].*", "", word.lower()) for _, word in words]
    assert names == sorted(names)
    for anchors, word in words:
        first = re.search(r'id="([^"]+)"', anchors)[1]
        assert first == word.lower().replace(" ", "-"), word
    assert sum(anchors.count("<a ") for anchors, _ in words) == len(ANCHORS)
    for target in re.findall(r"\]\(([^)\s]+)\)", GLOSSARY):
        file, _, anchor = target.partition("#")
        assert not file or (FOLDER / file).is_file(), target
        assert file or anchor in ANCHORS, target
