"""Write the web edition, Binder and Colab into README.md and every notebook, the address into the
package.

    python scripts/make_links.py owner/name

Badges go between the lines <!-- badges --> and <!-- /badges -->, which are added below the title
where they are missing. The address goes into pyproject.toml, from where it also completes the links
and the picture of README.md on a package index. Running it again, for the same or another
repository, replaces both.
"""

import argparse
import re
from pathlib import Path
from urllib.parse import quote

import nbformat

ROOT = Path(__file__).resolve().parent.parent
OPEN, CLOSE = "<!-- badges -->", "<!-- /badges -->"
# GitHub's own rules: letters, digits and single hyphens; a name may also have dots and underscores.
REPOSITORY = re.compile(r"[A-Za-z0-9]+(-[A-Za-z0-9]+)*/[A-Za-z0-9._-]{1,100}")
BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/-]*")


def repository(text: str) -> str:
    """`text` if it names a GitHub repository, else an error that says what is wanted."""
    owner, _, name = text.partition("/")
    if (
        not REPOSITORY.fullmatch(text)
        or len(owner) > 39
        or name in (".", "..")
        or name.endswith(".git")
    ):
        raise argparse.ArgumentTypeError(
            f"{text!r} is not a repository; wanted owner/name, as in its GitHub address"
        )
    return text


def branch(text: str) -> str:
    if not BRANCH.fullmatch(text):
        raise argparse.ArgumentTypeError(f"{text!r} is not the name of a branch")
    return text


def site(repo: str) -> str:
    """Where GitHub Pages shows the web edition that .github/workflows/site.yml publishes."""
    owner, _, name = repo.partition("/")
    host = f"{owner.lower()}.github.io"
    return f"https://{host}/" + ("" if name.lower() == host else f"{name}/")


def badges(repo: str, ref: str, notebook: str) -> str:
    """Markdown that opens `notebook` in Binder and in Colab."""
    page = quote(f"lab/tree/notebooks/{notebook}", safe="")
    binder = f"https://mybinder.org/v2/gh/{repo}/{quote(ref, safe='')}?urlpath={page}"
    colab = f"https://colab.research.google.com/github/{repo}/blob/{ref}/notebooks/{notebook}"
    return (
        f"[![Open in Binder](https://mybinder.org/badge_logo.svg)]({binder})\n"
        "[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]"
        f"({colab})\n\n"
        "Binder needs nothing more, but minutes. On Colab, first run this in a cell of its own: "
        f"`%pip install -q git+https://github.com/{repo}`"
    )


def of_notebook(repo: str, ref: str, notebook: str) -> str:
    """What stands in a notebook: where it is to be read and run."""
    reading = f"{site(repo)}read/{notebook.replace('.ipynb', '.html')}"
    running = f"{site(repo)}lite/notebooks/index.html?path={quote(notebook)}"
    web = f"[Read]({reading}) or [run]({running}) this notebook in the browser, nothing installed."
    return f"{web}\n\n{badges(repo, ref, notebook)}"


def of_readme(repo: str, ref: str, first: str) -> str:
    """What stands in README.md: the web edition, and the first notebook elsewhere."""
    web = f"the [web edition]({site(repo)}) has every notebook to read and, one click on, to run."
    return f"{web}\n\n{badges(repo, ref, first)}"


def with_badges(text: str, block: str) -> str:
    """`text` with `block` between its markers, which are put below the title if there are none."""
    marked = f"{OPEN}\n{block}\n{CLOSE}"
    if OPEN in text and CLOSE in text:
        return re.sub(f"{OPEN}.*?{CLOSE}", lambda _: marked, text, count=1, flags=re.DOTALL)
    title, separator, rest = text.partition("\n")
    if not title.startswith("# "):
        return f"{marked}\n\n{text}"
    return f"{title}\n\n{marked}" + (f"\n\n{rest.lstrip()}" if separator else "")


def update_readme(path: Path, block: str) -> bool:
    """Write `block` into a Markdown file; says whether the file changed."""
    old = path.read_text(encoding="utf-8")
    new = with_badges(old, block)
    if new != old:
        path.write_text(new, encoding="utf-8", newline="\n")
    return new != old


def update_notebook(path: Path, block: str) -> bool:
    """Write `block` into the first text cell of a notebook; says whether the file changed."""
    notebook = nbformat.read(path, as_version=4)
    cell = next((cell for cell in notebook.cells if cell.cell_type == "markdown"), None)
    if cell is None:
        raise ValueError(f"{path.name} has no text cell to put the badges into")
    new = with_badges(cell.source, block)
    changed = new != cell.source
    if changed:
        cell.source = new
        nbformat.write(notebook, path)
    return changed


def update_urls(path: Path, repo: str, ref: str) -> bool:
    """Write the addresses of `repo` into [project.urls]; says whether the file changed."""
    home = f"https://github.com/{repo}"
    urls = {
        "Homepage": home,
        "Documentation": site(repo),
        "Source": f"{home}/tree/{ref}",
        "Issues": f"{home}/issues",
    }
    table = "[project.urls]\n" + "".join(f'{name} = "{url}"\n' for name, url in urls.items())
    old = path.read_text(encoding="utf-8")
    new = re.sub(r"^\[project\.urls\]\n(?:\w.*\n)*", lambda _: table, old, flags=re.MULTILINE)
    if new != old:
        path.write_text(new, encoding="utf-8", newline="\n")
    return new != old


def main(arguments: list[str] | None = None, root: Path = ROOT) -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("repository", type=repository, help="owner/name on GitHub")
    parser.add_argument("--branch", type=branch, default="main", help="default: main")
    options = parser.parse_args(arguments)
    repo, ref = options.repository, options.branch
    notebooks = sorted((root / "notebooks").glob("*.ipynb"))
    first = notebooks[0].name
    changed = {"README.md": update_readme(root / "README.md", of_readme(repo, ref, first))}
    for path in notebooks:
        changed[path.name] = update_notebook(path, of_notebook(repo, ref, path.name))
    changed["pyproject.toml"] = update_urls(root / "pyproject.toml", repo, ref)
    for name, is_new in changed.items():
        print(f"{name}: " + ("links written" if is_new else "has them already"))


if __name__ == "__main__":
    main()
