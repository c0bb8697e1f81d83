"""What `make site` builds: its size, what a visit fetches, another host or none, broken files."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from urllib.parse import urlsplit

import pyodide
import pytest
from lite import plain

from tests.browser.conftest import find_chromium
from tests.browser.driver import CELLS, wait_until
from tests.site.conftest import ROOT, compressed, served
from tests.site.lite import SCREEN, LiteNotebook

NAME = "01_input_normalization.ipynb"
pytestmark = pytest.mark.slow
browser_test = pytest.mark.browser


def lock(site):
    path = site / "lite" / "static" / "pyodide" / "pyodide-lock.json"
    return json.loads(path.read_text(encoding="utf-8"))["packages"]


def test_the_site_is_small_and_has_all_it_names(site):
    files = [path for path in site.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) <= 60e6
    assert not [path for path in files if path.suffix == ".map"]
    here = site / "lite" / "static" / "pyodide"
    named = {each["file_name"] for each in lock(site).values()} | set(pyodide.CORE)
    assert named | {"start.js", "pyodide-lock.json"} == {path.name for path in here.iterdir()}
    for each in lock(site).values():
        assert set(map(plain, each["depends"])) <= set(map(plain, lock(site)))


def test_the_wheel_brings_the_solutions_and_leaves_the_notebooks(site):
    (wheel,) = (site / "lite" / "static" / "pyodide").glob("bnlib-*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    solutions = {path.name for path in (ROOT / "notebooks" / "solutions").glob("*.py")}
    assert solutions == {name.split("/")[-1] for name in names if "/solutions/" in name}
    assert not [name for name in names if name.endswith(".ipynb")]


def test_stored_texts_are_in_one_piece(site):
    """JupyterLite 0.6 shows a list of lines with commas between them."""
    for path in (site / "lite" / "files").glob("*.ipynb"):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        assert all(isinstance(cell["source"], str) for cell in cells)
        for output in [each for cell in cells for each in cell.get("outputs", [])]:
            assert isinstance(output.get("text", ""), str)
            assert all(isinstance(data, str) for data in output.get("data", {}).values())


def test_a_folder_without_pyodide_is_refused_in_words(site_python, tmp_path):
    shutil.copy(ROOT / "site" / "pyodide-lock.json", tmp_path / "pyodide.js")
    for wanted in ("is not the pyodide.js of Pyodide", "has no pyodide.js. Wanted is Pyodide"):
        command = [site_python, ROOT / "site/build.py", "--out", tmp_path / "out"]
        command += ["--pyodide", tmp_path]
        done = subprocess.run(command, capture_output=True, text=True)
        assert done.returncode == 1
        assert wanted in done.stderr
        assert "Traceback" not in done.stderr
        (tmp_path / "pyodide.js").unlink(missing_ok=True)


def test_a_folder_that_is_no_site_is_not_deleted(site_python, tmp_path):
    (tmp_path / "mine.txt").touch()
    command = [site_python, ROOT / "site/build.py", "--out", "."]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert done.returncode == 1
    assert "is no site" in done.stderr
    assert (tmp_path / "mine.txt").exists()


@browser_test
def test_a_first_visit_fetches_little_and_a_second_next_to_nothing(site, browser, tmp_path):
    """With a profile of its own on disk: in memory Chromium keeps no large files."""
    options = {"executable_path": find_chromium(), "args": ["--no-sandbox"], **SCREEN}
    context = browser.browser_type.launch_persistent_context(tmp_path / "profile", **options)
    with served(site) as (address, sent):
        page = LiteNotebook(context, address, NAME)
        page.ask("__import__('bnlib').__version__")
        first = {urlsplit(path).path.lstrip("/") for path in sent}
        files = [site / path for path in first if (site / path).is_file()]
        assert sum(map(compressed, files)) <= 30e6
        assert len(files) > 50
        sent.clear()
        page.page.reload()
        page.wait_for_kernel()
        page.ask_ready = False
        page.ask("__import__('bnlib').__version__")
        again = {urlsplit(path).path.lstrip("/") for path in sent}
        assert not [path for path in again if path.endswith((".whl", ".wasm", ".zip"))]
        page.close()


@browser_test
def test_a_site_without_pyodide_takes_it_from_its_network(build, browser, pyodide_folder):
    """That network is played by the folder: what is asked of it, by which names."""
    site = build()
    here = {path.name for path in (site / "lite" / "static" / "pyodide").iterdir()}
    assert not here & set(pyodide.files())
    asked = []

    def answer(route):
        name = route.request.url.removeprefix(pyodide.CDN)
        asked.append(name)
        route.fulfill(path=pyodide_folder / name, headers={"Access-Control-Allow-Origin": "*"})

    with served(site) as (address, _):
        context = browser.new_context(**SCREEN)
        context.route(f"{pyodide.CDN}**", answer)
        page = LiteNotebook(context, address, NAME)
        assert page.ask("__import__('numpy').__version__") == lock(site)["numpy"]["version"]
        page.close()
    assert set(pyodide.CORE) <= set(asked) <= set(pyodide.files())


BROKEN = {
    "wheel": ("bnlib-*.whl", b"not a wheel"),
    "package": ("numpy-*.whl", None),
    "interpreter": ("pyodide.asm.wasm", None),
    "entry": ("pyodide.js", None),
    "start": ("start.js", None),
    "lock": ("pyodide-lock.json", None),
}


@browser_test
@pytest.mark.parametrize("which", BROKEN)
def test_a_broken_or_missing_file_is_named(which, site, browser, tmp_path):
    copy = shutil.copytree(site, tmp_path / "site", copy_function=shutil.copy)
    pattern, content = BROKEN[which]
    (path,) = (copy / "lite" / "static" / "pyodide").glob(pattern)
    path.unlink()
    if content:
        path.write_bytes(content)
    with served(copy) as (address, _):
        context = browser.new_context()
        page = context.new_page()
        page.goto(f"{address}/lite/notebooks/index.html?path={NAME}")
        told = page.locator("[role=alert]", has_text="Python does not start")
        told.wait_for(timeout=60_000)
        assert path.name in told.inner_text()
        told.get_by_role("link", name="read this notebook").click()
        page.wait_for_url(f"**/read/{NAME.replace('.ipynb', '.html')}")
        context.close()


@browser_test
def test_an_answer_that_is_there_before_the_page_is_shown(site, browser):
    """As where the server is faster than the browser: what failed was told to no one once."""
    with served(site) as (address, _):
        context = browser.new_context()
        context.add_init_script("fetch = () => Promise.resolve({ok: false, status: 404})")
        page = context.new_page()
        page.goto(f"{address}/lite/notebooks/index.html?path={NAME}")
        told = page.locator("[role=alert]", has_text="start.js (answer 404)")
        told.wait_for(timeout=30_000)
        context.close()


@browser_test
def test_what_was_written_is_there_after_a_reload(site, browser):
    with served(site) as (address, _):
        page = LiteNotebook(browser.new_context(**SCREEN), address, NAME)
        cell = "two-columns"
        assert page.retype(cell, "print(6 * 7)").strip() == "42"
        page.save_and_reload()
        source = page.js(f"id => {CELLS}.widgets.find(w => w.model.id === id).model"
                         ".sharedModel.getSource()", cell)  # fmt: skip
        assert source == "print(6 * 7)"
        text = page.cell(cell).locator(".jp-OutputArea-output").first
        wait_until(lambda: text.inner_text().strip() == "42", "its output is gone")
        page.close()


def cell_with(words):
    """The id of the notebook's first text cell in which these words stand."""
    cells = json.loads((ROOT / "notebooks" / NAME).read_text(encoding="utf-8"))["cells"]
    return next(cell["id"] for cell in cells if words in "".join(cell["source"]))


@browser_test
@pytest.mark.parametrize("app", ["notebooks", "lab"])
def test_links_to_texts_of_the_series_lead_to_the_pages_to_read(app, site, browser):
    with served(site) as (address, _):
        page = LiteNotebook(browser.new_context(**SCREEN), address, NAME, app=app)
        source = (ROOT / "notebooks" / NAME).read_text(encoding="utf-8")
        word = re.search(r"glossary\.md#([a-z-]+)", source)[1]
        wanted = {f"glossary.md#{word}": f"read/glossary.html#{word}", "README.md": "index.html"}
        for target, leads_to in wanted.items():
            page.cell(cell_with(f"{target})"))
            with page.context.expect_page() as opened:
                page.page.locator(f'.jp-RenderedMarkdown a[href$="{target}"]').first.evaluate(
                    "link => link.click()"
                )
            assert opened.value.url == f"{address}/{leads_to}"
            opened.value.close()
        page.close()
