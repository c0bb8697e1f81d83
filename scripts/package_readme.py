"""README.md as a package index shows it. Hatchling calls this while it builds a package.

There a link to a file of the repository leads nowhere, and a picture is not shown. So each becomes
an address below the ``Source`` in pyproject.toml (``make links`` writes it). Without one a link
becomes its text, and a picture is left out.
"""

import re
from pathlib import Path

from hatchling.metadata.plugin.interface import MetadataHookInterface

# [text](path) or ![text](path), where the path has no scheme and is no #heading
LINK = re.compile(r"(!?)\[([^\[\]]*)\]\((?![a-z]+:|#)([^()\s]+)\)")
TREE = re.compile(r"^(https://[^/]+/[^/]+/[^/]+)/tree/")


def for_index(readme: str, source: str | None) -> str:
    """`readme` with links to files below `source`, https://github.com/owner/name/tree/branch."""

    def absolute(found: re.Match) -> str:
        picture, text, path = found.groups()
        if not source:
            return "" if picture else text
        base = TREE.sub(r"\1/raw/" if picture else r"\1/blob/", source)
        return f"{picture}[{text}]({base}/{path})"

    return LINK.sub(absolute, readme)


class PackageReadme(MetadataHookInterface):
    def update(self, metadata: dict) -> None:
        readme = (Path(self.root) / "README.md").read_text(encoding="utf-8")
        text = for_index(readme, metadata.get("urls", {}).get("Source"))
        metadata["readme"] = {"content-type": "text/markdown", "text": text}
