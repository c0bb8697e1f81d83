"""The pages to read: they show what the notebooks hold, lead somewhere, and need nothing else."""

import functools
import itertools
import json
import re
import shutil
from base64 import b64decode
from pathlib import Path
from urllib.parse import unquote, urlsplit

import formulas
import make_links
import nbformat
import pages
import prose
import pytest
from bs4 import BeautifulSoup

from tests.site import conftest as site_server

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted(path.stem for path in (ROOT / "notebooks").glob("*.ipynb"))
FILES = ["index.html", *(f"read/{name}.html" for name in NOTEBOOKS)]
FILES += [f"read/{file}" for file, *_ in pages.TEXTS.values()]
# Where papers, manuals, data and licences are. A reader may go there; no page fetches from there.
OUTSIDE = {
    "arxiv.org", "creativecommons.org", "docs.pytorch.org", "doi.org", "flax.readthedocs.io",
    "github.com", "keras.io", "onnx.ai", "proceedings.mlr.press", "www.ncdc.noaa.gov",
    "www.tensorflow.org", "www.weather.gov", "yann.lecun.com",
}  # fmt: skip
in_each = pytest.mark.parametrize("file", FILES)
of_each = pytest.mark.parametrize("name", NOTEBOOKS)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """The folder with all pages."""
    out = tmp_path_factory.mktemp("built")
    pages.build_pages(out)
    return out


@functools.cache
def parsed(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def notebook(name):
    return nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)


def code_cells(name):
    return [cell for cell in notebook(name).cells if cell.cell_type == "code"]


def is_demo(output):
    text = output.get("data", {}).get("text/plain", "")
    return "image/png" in output.get("data", {}) and text.startswith("<") and ": " in text


def words(soup):
    """What stands on a page for all to see, without code and formulas."""
    soup = BeautifulSoup(str(soup), "html.parser")
    for each in soup.select("code, pre, math, title, kbd"):
        each.decompose()
    return soup.get_text()


# what the notebooks hold


@pytest.mark.slow
@of_each
def test_all_code_and_all_that_it_printed_is_there_in_its_order(built, name):
    page = parsed(built / f"read/{name}.html")
    cells = code_cells(name)
    assert [each.get_text().strip("\n") for each in page.select(".cell .highlight pre")] == [
        cell.source.strip("\n") for cell in cells
    ]
    printed = [
        output.get("text", output.get("data", {}).get("text/plain"))
        for cell in cells for output in cell.outputs if not is_demo(output)
    ]  # fmt: skip
    assert printed
    assert [each.get_text() for each in page.select("pre.output")] == printed


@pytest.mark.slow
@of_each
def test_every_picture_is_there_with_its_words_and_its_size(built, name):
    page = parsed(built / f"read/{name}.html")
    shown = page.select("figure img")
    saved = [
        output for cell in code_cells(name) for output in cell.outputs
        if "image/png" in output.get("data", {})
    ]  # fmt: skip
    assert len(shown) == len(saved) > 0
    for img, output in zip(shown, saved, strict=True):
        about = output.metadata["image/png"]
        assert img["alt"] == about["alt"]
        assert (int(img["width"]), int(img["height"])) == (about["width"], about["height"])
        file = built / "read" / img["src"]
        assert file.read_bytes() == b64decode(output.data["image/png"])
        caption = img.find_parent("figure").figcaption
        if is_demo(output):
            run = f"../lite/notebooks/index.html?path={name}.ipynb"
            assert caption.a["href"] == run
        else:
            assert caption is None


@pytest.mark.slow
def test_every_solution_is_there_and_folded_away(built):
    for file in sorted((ROOT / "notebooks/solutions").glob("*.py")):
        (name,) = [each for each in NOTEBOOKS if each[:2] == file.name[:2]]
        page = parsed(built / f"read/{name}.html")
        folded = [each.get_text().strip() for each in page.select("details pre")]
        assert file.read_text(encoding="utf-8").strip() in folded
        assert "bn.solution(" not in page.get_text()


@pytest.mark.slow
@of_each
def test_every_heading_is_there_and_in_the_table_of_contents(built, name):
    page = parsed(built / f"read/{name}.html")
    wanted = [
        words(BeautifulSoup(prose.Prose("x", ANYWHERE).inline(line), "html.parser"))
        for cell in notebook(name).cells if cell.cell_type == "markdown"
        for line in re.findall(r"^#{2,3} +(.+)$", cell.source, re.MULTILINE)
    ]  # fmt: skip
    assert [words(each) for each in page.select("main h2, main h3")] == wanted
    assert [words(each) for each in page.select(".contents a")] == wanted


@pytest.mark.slow
@in_each
def test_no_formula_is_left_as_tex(built, file):
    page = parsed(built / file)
    found = re.search(r".{30}(\$|\\[a-z]+|\\\\).{0,30}", words(page))
    assert not found, found
    for math in page.select("math"):
        assert math["alttext"]
        assert math.get_text()


@pytest.mark.slow
@of_each
def test_every_formula_is_there_as_mathml(built, name):
    """The formulas of the text cells, found here without the parser of the pages."""
    page = parsed(built / f"read/{name}.html")
    text = "\n\n".join(c.source for c in notebook(name).cells if c.cell_type == "markdown")
    text = re.sub(r"```.*?```|`[^`\n]+`", "", text, flags=re.DOTALL)
    display = [" ".join(tex.split()) for tex in re.findall(r"\$\$(.+?)\$\$", text, re.DOTALL)]
    inline = re.findall(r"\$([^$]+)\$", re.sub(r"\$\$.+?\$\$", "", text, flags=re.DOTALL))
    inline = [" ".join(tex.replace(r"\|", "|").split()) for tex in inline]
    shown = {"block": [], "inline": []}
    for math in page.select("main math"):
        shown[math["display"]].append(math["alttext"])
    assert shown["block"] == display
    assert [tex.replace(r"\|", "|") for tex in shown["inline"]] == inline


# links


@pytest.mark.slow
@in_each
def test_every_link_leads_somewhere(built, file):
    for link in parsed(built / file).select("a[href], link[href]"):
        target = urlsplit(link["href"])
        if target.scheme:
            assert target.scheme in ("http", "https")
            assert target.netloc in OUTSIDE
            continue
        there = ((built / file).parent / unquote(target.path)).resolve()
        if there.is_relative_to(built / "lite"):  # built by another part of the site
            name = re.fullmatch(r"path=(\w+)\.ipynb", target.query)[1]
            assert name in NOTEBOOKS
            continue
        path = there if target.path else built / file
        assert path.is_file(), link
        if target.fragment:
            assert parsed(path).find(id=unquote(target.fragment)), link


@pytest.mark.slow
def test_the_series_on_one_page_points_to_the_very_place(built):
    pointers = [
        link for link in parsed(built / "read/one_page.html").select("main td a")
        if re.match(r"\d\d, ", link.text)
    ]  # fmt: skip
    assert len(pointers) > 40
    for link in pointers:
        file, _, fragment = link["href"].partition("#")
        there = parsed(built / "read" / file).find(id=fragment)
        assert link.em.text.lower() in there.get_text().lower(), link


@pytest.mark.slow
@of_each
def test_a_notebook_links_to_its_neighbours_and_to_where_it_runs(built, name):
    page = parsed(built / f"read/{name}.html")
    at = NOTEBOOKS.index(name)
    for rel, place in (("prev", at - 1), ("next", at + 1)):
        wanted = {f"{NOTEBOOKS[place]}.html"} if 0 <= place < len(NOTEBOOKS) else set()
        assert {each["href"] for each in page.select(f"[rel={rel}]")} == wanted
    runs = [each for each in page.select("a[href*=lite]") if "Run this notebook" in each.text]
    assert runs
    assert len(page.select("a[href='../index.html']")) >= 2


@pytest.mark.slow
def test_the_start_page_lists_the_series(built):
    page = parsed(built / "index.html")
    items = page.select(".series li")
    assert [each.h3.text[:2] for each in items] == [name[:2] for name in NOTEBOOKS]
    for name, item in zip(NOTEBOOKS, items, strict=True):
        read, run = item.select("a")
        assert read["href"] == f"read/{name}.html"
        assert run["href"] == f"lite/notebooks/index.html?path={name}.ipynb"
        assert item.h3.text[:2] in read.text  # a list of links alone says which is which
        assert re.search(r"about \d+ minutes", item.text)
        assert "Afterwards you can" in item.text
    assert page.noscript


# what a page is


@pytest.mark.slow
@in_each
def test_a_page_is_well_built(built, file):
    page = parsed(built / file)
    assert page.html["lang"] == "en"
    assert len(page.title.text) > 8
    assert len(page.find("meta", attrs={"name": "description"})["content"]) > 50
    levels = [int(each.name[1]) for each in page.select("h1, h2, h3, h4, h5, h6")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    steps = [after - before for before, after in itertools.pairwise(levels)]
    assert max(steps, default=0) <= 1
    ids = [each["id"] for each in page.select("[id]")]
    assert len(ids) == len(set(ids))
    assert len(page.select("main")) == len(page.select("body > footer")) == 1
    assert page.body.find("a")["href"] == "#content"
    navs = [each["aria-label"] for each in page.select("nav")]
    assert len(navs) == len(set(navs))
    for img in page.select("img"):
        assert len(img["alt"].split()) > 1
        assert img["width"]
        assert img["height"]
    for link in page.select("a[href]"):
        assert link.get_text(strip=True) or link.img


@pytest.mark.slow
def test_titles_and_descriptions_differ(built):
    heads = [parsed(built / file) for file in FILES]
    assert len({each.title.text for each in heads}) == len(FILES)
    described = {each.find("meta", attrs={"name": "description"})["content"] for each in heads}
    assert len(described) == len(FILES)


@pytest.mark.slow
@in_each
def test_a_page_needs_no_script_and_fetches_nothing_from_elsewhere(built, file):
    page = parsed(built / file)
    assert not page.select("script, iframe, object, embed, style")
    fetched = [each["src"] for each in page.select("[src]")]
    fetched += [each["srcset"] for each in page.select("[srcset]")]
    fetched += [each["href"] for each in page.select("link:not([rel=prev]):not([rel=next])")]
    for each in fetched:
        assert not re.match(r"\w+:|//", each)
        assert ((built / file).parent / each).is_file()


def test_the_stylesheet_fetches_its_font_and_nothing_else():
    css = (pages.HERE / "style.css").read_text(encoding="utf-8")
    assert re.findall(r"url\(([^)]*)\)", css) == ['"formulas.woff2"']
    assert "@import" not in css


# the parts


class Anywhere:
    @staticmethod
    def of(target, source):
        return target


ANYWHERE = Anywhere()


def test_every_formula_of_the_series_can_be_converted():
    for source in [*(f"notebooks/{name}.ipynb" for name in NOTEBOOKS), *pages.TEXTS]:
        text = (ROOT / source).read_text(encoding="utf-8")
        if source.endswith(".ipynb"):
            text = "\n\n".join("".join(c["source"]) for c in json.loads(text)["cells"]
                               if c["cell_type"] == "markdown")  # fmt: skip
        assert "<" in prose.Prose(source, ANYWHERE).convert(text)


@pytest.mark.parametrize("tex", [r"\gama", r"\frac{1}{2", r"a & b", r"\left( x", r"\begin{foo}x"])
def test_a_formula_that_cannot_be_converted_is_named(tex):
    with pytest.raises(ValueError, match=re.escape(tex[:4])):
        formulas.mathml(tex)
    with pytest.raises(ValueError, match=r"notebooks/00\.ipynb: .*formula"):
        prose.Prose("notebooks/00.ipynb", ANYWHERE).convert(f"Look: ${tex}$")


def test_a_formula_keeps_its_tex_and_its_structure():
    math = BeautifulSoup(formulas.mathml(r"\tilde z = \frac{z-\mu}{\sigma}"), "html.parser").math
    assert math["alttext"] == r"\tilde z = \frac{z-\mu}{\sigma}"
    assert [each.get_text() for each in math.mfrac.find_all("mrow", recursive=False)] == [
        "z−μ",
        "σ",
    ]
    assert math.mover["accent"] == "true"


def test_lines_set_under_one_another_become_rows():
    tex = r"\begin{aligned} a &= b \\ c &= d \end{aligned}"
    math = BeautifulSoup(formulas.mathml(tex, display=True), "html.parser").math
    assert math["display"] == "block"
    assert [row.get_text() for row in math.select("mtr")] == ["a=b", "c=d"]


def test_a_minus_is_a_sign_only_where_nothing_stands_before_it():
    def signs(tex):
        math = BeautifulSoup(formulas.mathml(tex), "html.parser")
        return [each.get("form") for each in math.find_all("mo") if each.text == "−"]

    assert signs("c = -1") == signs("g(-z)") == ["prefix"]
    assert signs("a - 1") == signs("g(z) - 1") == [None]


def test_formulas_in_tables_and_folded_parts_are_converted():
    text = (
        "| a |\n|---|\n| $x_1$ |\n\n<details><summary>Answer</summary>\n\n$y$ is $$z$$\n</details>"
    )
    page = BeautifulSoup(prose.Prose("x", ANYWHERE).convert(text), "html.parser")
    assert [each["alttext"] for each in page.select("td math")] == ["x_1"]
    assert [each["alttext"] for each in page.select("details math")] == ["y", "z"]
    assert page.select_one(".wide table")


@pytest.mark.parametrize(
    ("text", "together"),
    [
        ("of $a$. Then", ["."]),
        ("($z$, $a$)", ["(,", ")"]),
        ("the $z$ of $a$'s", ["'s"]),
        ("$z$", []),
    ],
)
def test_no_line_begins_with_the_mark_after_a_formula(text, together):
    page = BeautifulSoup(prose.Prose("x", ANYWHERE).convert(text), "html.parser")
    assert [words(each) for each in page.select(".together")] == together
    assert page.get_text().strip() == text.replace("$", "")


def test_headings_get_ids_of_their_words_that_do_not_repeat():
    page = prose.Prose("x", ANYWHERE)
    page.convert("## What you saw: 2 · $z$\n\n## Careful\n\n## Careful\n")
    assert [each.id for each in page.headings] == ["what-you-saw-2-z", "careful", "careful-2"]


ADDRESSES = {"notebooks/01_input_normalization.ipynb": "01_input_normalization.html",
             "notebooks/glossary.md": "glossary.html", "README.md": "../index.html"}  # fmt: skip


@pytest.mark.parametrize(
    ("target", "address"),
    [
        ("01_input_normalization.ipynb", "01_input_normalization.html"),
        ("01_input_normalization.ipynb#Code-it", "01_input_normalization.html#code-it"),
        ("glossary.md#logits", "glossary.html#logits"),
        ("../README.md", "../index.html"),
        ("#recap", "#recap"),
        ("https://arxiv.org/abs/1502.03167", "https://arxiv.org/abs/1502.03167"),
        ("../benchmarks/RESULTS.md", None),
        ("solutions/00_1_saturated_share.py", None),
    ],
)
def test_links_lead_to_pages_to_the_repository_or_become_plain_text(target, address):
    source, blob = "notebooks/00_tour.ipynb", "https://github.com/ada/bn/blob/main"
    assert prose.Addresses(ROOT, ADDRESSES, None).of(target, source) == address
    file = f"notebooks/{target}".replace("notebooks/../", "")
    known = prose.Addresses(ROOT, ADDRESSES, blob).of(target, source)
    assert known == (address or f"{blob}/{file}")
    html = prose.Prose(source, prose.Addresses(ROOT, ADDRESSES, None)).convert(f"[see]({target})")
    assert ("<a" in html) == (address is not None)
    assert "see" in html


def test_a_link_to_nothing_is_named():
    with pytest.raises(ValueError, match=r"00_tour\.ipynb links to 99_none\.ipynb"):
        prose.Addresses(ROOT, ADDRESSES, None).of("99_none.ipynb", "notebooks/00_tour.ipynb")


@pytest.mark.slow
def test_where_the_repository_is_public_pages_link_to_it_and_show_no_badge(tmp_path):
    root, out = tmp_path / "root", tmp_path / "out"
    for name in ("notebooks", "docs", "bnlib/datasets", "benchmarks"):
        shutil.copytree(ROOT / name, root / name)
    for name in ("README.md", "LICENSE", "pyproject.toml"):
        shutil.copy(ROOT / name, root)
    make_links.main(["ada/bn", "--branch", "draft"], root)
    pages.build_pages(out, root=root)
    start = parsed(out / "index.html")
    assert start.select("a[href='https://github.com/ada/bn']")
    (binder,) = start.select("a[href^='https://mybinder.org']")
    assert "00_tour" in binder["href"]
    for name in NOTEBOOKS:
        page = parsed(out / f"read/{name}.html")
        assert not page.select("img[src^=http], a[href*=mybinder], a[href*=colab]")
        assert len(page.select("h1")) == 1


# in the browser


@pytest.fixture(scope="module")
def served(built):
    """The address of a server that has the pages, and nothing else."""

    with site_server.served(built) as (address, _):
        yield address


@pytest.fixture
def open_page(browser, served):
    """Opens a page: what it asked for is in `requested`, what it did not get in `failed`."""
    contexts = []

    def opened(file, width=1280, **options):
        contexts.append(browser.new_context(viewport={"width": width, "height": 900}, **options))
        page = contexts[-1].new_page()
        page.requested, page.failed = [], []
        page.on("request", lambda request: page.requested.append(request.url))
        page.on("response", lambda got: page.failed.append(got.url) if got.status >= 400 else None)
        page.goto(f"{served}/{file}", wait_until="networkidle")
        return page

    yield opened
    for context in contexts:
        context.close()


@pytest.mark.browser
@in_each
def test_on_a_telephone_nothing_but_code_and_tables_is_wider_than_the_page(open_page, file):
    page = open_page(file, width=400)
    page.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })")
    outside = """[...document.querySelectorAll('body *')].filter(each =>
        each.getBoundingClientRect().right > innerWidth + 1
        && !each.closest('pre, .wide, .formula, .hidden, p:has(math)')
    ).map(each => each.outerHTML)"""
    for width in (400, 320):
        page.set_viewport_size({"width": width, "height": 900})
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate(outside) == []


@pytest.mark.browser
@in_each
def test_a_page_asks_for_nothing_but_its_own_files(open_page, served, file):
    page = open_page(file)
    page.evaluate("window.scrollTo(0, document.body.scrollHeight)")  # lazy pictures
    page.wait_for_load_state("networkidle")
    assert len(page.requested) >= 3
    assert [url for url in page.requested if not url.startswith(f"{served}/")] == []
    assert page.failed == []


@pytest.mark.browser
def test_without_javascript_answers_unfold_and_formulas_are_drawn(open_page):
    page = open_page("read/00_tour.html", java_script_enabled=False)
    answer = page.locator("main details").first
    hidden = answer.locator("p").first
    assert not hidden.is_visible()
    answer.locator("summary").click()
    assert hidden.is_visible()
    fraction = page.locator("mfrac").first.bounding_box()
    assert fraction["height"] > 1.5 * page.locator("mfrac mi").first.bounding_box()["height"]
    first = page.locator(".contents a").first
    assert first.is_visible()
    first.focus()  # unfolded for the keyboard, too
    assert page.locator(":focus").text_content() == "Predict"


@pytest.mark.browser
def test_beside_a_narrow_text_the_contents_fold(open_page):
    page = open_page("read/00_tour.html", width=400, java_script_enabled=False)
    first = page.locator(".contents a").first
    assert not first.is_visible()
    page.locator(".contents summary").click()
    assert first.is_visible()


@pytest.mark.browser
def test_on_paper_everything_is_unfolded_and_nothing_is_to_click(open_page):
    page = open_page("read/00_tour.html")
    page.emulate_media(media="print")
    assert page.locator("main details p").first.is_visible()
    for what in (".top", ".contents", ".onwards", "main .button"):
        assert not page.locator(what).first.is_visible()


@pytest.mark.browser
def test_who_wants_no_motion_sees_a_still_picture(open_page):
    shown = "document.querySelector('.moving picture img').currentSrc"
    still = open_page("index.html", reduced_motion="reduce")
    assert still.evaluate(shown).endswith("tour.png")
    assert still.get_by_role("link", name="See it move").is_visible()
    moving = open_page("index.html", reduced_motion="no-preference")
    assert moving.evaluate(shown).endswith("tour.gif")
    moving.get_by_label("Hold the picture still").check()
    assert not moving.locator(".moving picture img").is_visible()
    assert moving.locator(".moving .held").is_visible()


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_stand_out_from_what_is_behind_them(open_page, scheme):
    page = open_page("read/00_tour.html", color_scheme=scheme)
    words = ("ink", "faint", "link", "keyword", "text", "number", "name")
    read = "name => getComputedStyle(document.documentElement).getPropertyValue('--' + name).trim()"
    colours = {name: page.evaluate(read, name) for name in (*words, "paper", "tint", "button")}
    for behind in ("paper", "tint"):
        for name in words:
            assert contrast(colours[name], colours[behind]) >= 4.5, (name, behind)
    assert contrast("#ffffff", colours["button"]) >= 4.5
    assert (contrast(colours["paper"], "#ffffff") > 10) == (scheme == "dark")


def contrast(one, other):
    """The ratio of two colours' luminance as WCAG 2 defines it, from 1 to 21."""

    def luminance(colour):
        parts = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)
