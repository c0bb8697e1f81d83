"""Links between the pages of the repository lead to files and headings that there are."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = [
    *ROOT.glob("*.md"),
    *(p for name in ("docs", "deploy", "lab") for p in ROOT.glob(f"{name}/*.md")),
]


def slug(heading):
    """A heading's name in an address, as GitHub makes it."""
    text = re.sub(r"\[(.*?)\]\(.*?\)|[`*]", r"\1", heading).strip().lower()
    return re.sub(r"[^\w\- ]", "", text).replace(" ", "-")


def headings(path):
    text = re.sub(r"^```.*?^```", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)
    return {slug(each) for each in re.findall(r"^#+ (.*)$", text, re.M)}


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    text = re.sub(r"`[^`]*`", "", page.read_text(encoding="utf-8"))
    links = re.findall(r"\]\(([^)\s]+)\)", text)
    for link in links:
        if re.match(r"\w+:", link):
            continue
        file, _, heading = link.partition("#")
        target = (page.parent / file).resolve() if file else page
        assert target.exists(), link
        if heading and target.suffix == ".md":
            assert heading in headings(target), link


def test_a_heading_with_signs_and_a_link():
    assert slug("8 and 9 · [07 Why it works](../x.ipynb)") == "8-and-9--07-why-it-works"
    assert slug("One machine: The Littlest JupyterHub") == "one-machine-the-littlest-jupyterhub"
