"""TeX formulas as MathML, which browsers draw themselves: no script, no network."""

import re
import xml.etree.ElementTree as ElementTree

from latex2mathml.converter import convert

SPACE = "http://www.w3.org/1998/Math/MathML"
ElementTree.register_namespace("", SPACE)
MI, MO, MROW, MPADDED, MSPACE, MOVER, MSUP = (
    f"{{{SPACE}}}{name}" for name in ("mi", "mo", "mrow", "mpadded", "mspace", "mover", "msup")
)
ACCENTS = {"~": "\u02dc", "^": "\u02c6", "\u2015": "\u203e"}  # above a letter, drawn close to it
CLOSE_BY = "|‖/…"  # without the space of a relation
SIGNS, CLOSING = "−+±", ")]}|‖…"


def mathml(tex: str, display: bool = False) -> str:
    """One formula, without its dollars, as a <math> element that keeps the TeX as `alttext`.

    Raises ValueError with the formula where a command is unknown or a bracket does not close.
    """
    tex = " ".join(tex.split())
    brackets = re.sub(r"\\.", "", tex)
    if brackets.count("{") != brackets.count("}"):
        raise ValueError(f"cannot convert the formula {tex!r}: a bracket is left open")
    known = tex.replace("{aligned}", "{align*}").replace(r"\mathrm{", r"\operatorname{")
    try:
        math = ElementTree.fromstring(convert(known, display="block" if display else "inline"))
    except Exception as error:  # each of the converter's errors has a class of its own
        raise ValueError(f"cannot convert the formula {tex!r}: {error!r}") from error
    said = "".join(math.itertext())
    if "\\" in said or "&" in said:
        raise ValueError(f"cannot convert the formula {tex!r}: a command in it is not known")
    for parent in list(math.iter()):
        for at, child in enumerate(parent):
            _mend(parent, at, child)
    math.set("alttext", tex)
    return ElementTree.tostring(math, encoding="unicode")


def _mend(parent, at, child) -> None:
    """What the converter leaves to a browser's default, and TeX sets otherwise."""
    word = child.text or ""
    if parent.tag == MOVER and at == 1 and word in ACCENTS:
        parent.set("accent", "true")
        child.text = ACCENTS[word]
        child.attrib.pop("accent", None)
    elif child.tag == MO and word and word in CLOSE_BY:
        child.attrib |= {"lspace": "0", "rspace": "0", "stretchy": "false"}
    elif child.tag == MO and word and word in SIGNS and at and _opens(parent[at - 1]):
        child.set("form", "prefix")  # a sign, not a difference
    elif child.tag == MO and parent.tag == MSUP and at == 0:
        _wrap(parent, at, MROW)  # a large bracket grows in a row, not alone
    elif word == "′":
        child.set("mathsize", "140%")  # drawn as high as it belongs already
        _wrap(parent, at, MPADDED, voffset="-0.4em")
    elif child.tag == MI and "Α" <= word <= "Ω":
        child.set("mathvariant", "normal")  # a capital Greek letter stands upright
    elif (child.tag == MO and word.isalpha()) or (child.tag == MI and len(word) > 1):
        child.tag = MO  # a function's name: sin, E, Var; "max" as an index
        child.attrib |= {"lspace": _gap(parent, at - 1), "rspace": _gap(parent, at + 1)}


def _opens(before) -> bool:
    """Whether what stands before a sign is no number that it could be added to."""
    return before.tag == MSPACE or (before.tag == MO and (before.text or "") not in CLOSING)


def _wrap(parent, at, tag, **attributes) -> None:
    """Put an element of its own around the child at this place."""
    around = ElementTree.Element(tag, attributes)
    around.append(parent[at])
    parent[at] = around


def _gap(parent, at) -> str:
    """The space between a function's name and its neighbour: none beside a bracket."""
    neighbour = parent[at] if 0 <= at < len(parent) else None
    return "0" if neighbour is None or neighbour.tag == MO else "0.167em"
