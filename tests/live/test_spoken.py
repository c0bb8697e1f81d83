"""What tells a screen reader the names: that it is there, is whole and goes with its demo.

What it does in a page is tested in tests/proof/test_accessibility.py.
"""

from html.parser import HTMLParser

from toy import toy

from bnlib.live.spoken import BOX, WORDS, spoken


class Styles(HTMLParser):
    """The attributes of the style elements, and all text."""

    def __init__(self, value):
        super().__init__()
        self.found, self.text = [], ""
        self.feed(value)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def test_the_page_gets_one_element_with_all_of_the_code():
    page = Styles(spoken().value)
    ((tag, attributes),) = page.found
    assert tag == "style"
    assert page.text == ""
    code = attributes["onload"]
    assert f".{BOX}'" in code
    assert f".{WORDS} " in code
    assert code.count("{") == code.count("}")
    assert "//" not in code  # the lines are joined: a comment would swallow the rest


def test_a_demo_is_found_by_its_classes():
    explorer = toy()
    assert BOX in explorer._box._dom_classes
    assert WORDS in explorer._words._dom_classes
    assert WORDS not in explorer._image._dom_classes
    assert explorer._box.children[-1].layout.display == "none"
