"""What a screen reader needs and core ipywidgets leave out of the page.

A slider's handle has no name and says 0.5 for a learning rate of 3.2 (the exponent) and 2 for the
third of some words; of the buttons of a choice none says that it is pressed; a picture has a
tooltip but no alternative text; words that come with the element that announces them may be missed.
None of these can be set from Python, so a few lines of the page's own language do it, from what the
page shows anyway. Where a front end does not run them, everything works as before.
"""

import html

import ipywidgets as widgets

# The demo's box carries this class; the words of its state and its picture are found by theirs.
BOX, WORDS = "bnlib-demo", "bnlib-words"

_TELL = """
const box = this.closest('.BOX');
const put = (node, name, value) => {
    if (node && node.getAttribute(name) !== value) node.setAttribute(name, value);
};
const words = node => node ? node.textContent.trim() : '';
const tell = () => {
    for (const slider of box.querySelectorAll('.widget-slider')) {
        const name = words(slider.querySelector('.widget-label'));
        const readout = slider.querySelector('.widget-readout');
        const off = String(slider.querySelector('[disabled]') !== null);
        for (const handle of slider.querySelectorAll('[role=slider]')) {
            put(handle, 'aria-label', name);
            put(handle, 'aria-valuetext', words(readout));
            put(handle, 'aria-disabled', off);
        }
        if (readout?.hasAttribute('contenteditable')) {
            put(readout, 'role', 'textbox');
            put(readout, 'aria-label', name + ', as a number');
            put(readout, 'aria-disabled', off);
        }
    }
    for (const choice of box.querySelectorAll('.widget-toggle-buttons')) {
        put(choice, 'role', 'group');
        put(choice, 'aria-label', words(choice.querySelector('.widget-label')));
        for (const button of choice.querySelectorAll('button'))
            put(button, 'aria-pressed', String(button.classList.contains('mod-active')));
    }
    const state = box.querySelector('.WORDS .widget-html-content');
    put(state, 'role', 'status');
    if (state) state.querySelector('[role=status]')?.removeAttribute('role');
    const picture = box.querySelector('img.widget-image');
    if (picture && state) {
        const lines = [...state.firstElementChild?.childNodes ?? []].map(words).filter(Boolean);
        put(picture, 'alt', [picture.title + '.', ...lines].join(' '));
    }
};
if (box && !box.told) {
    box.told = new MutationObserver(tell);
    const what = ['class', 'disabled', 'title', 'aria-valuetext'];
    box.told.observe(box, {attributeFilter: what, childList: true, subtree: true});
    tell();
}
"""


def spoken():
    """A widget without a look that makes the box around it speak, and goes on doing so."""
    code = _TELL.replace("BOX", BOX).replace("WORDS", WORDS)
    value = f'<style onload="{html.escape(" ".join(code.split()))}"></style>'
    return widgets.HTML(value, layout=widgets.Layout(display="none"))
