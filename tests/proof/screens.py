"""How a demo looks in the page: what a person with this screen can see, read and get at.

`FAULTS` runs in the page and lists in words what is wrong with the output of a cell.
"""

from __future__ import annotations

import base64
import io

import numpy as np
from PIL import Image

# What a person looks at or takes hold of. A slider is its label, its track and its readout.
FAULTS = """
window.faultsOf = output => {
    const faults = [], parts = [];
    const what = '.widget-label, .widget-readout, .slider-container, select, button,'
        + ' .widget-checkbox label, .widget-html-content, img.widget-image';
    const named = node => node.tagName.toLowerCase() + ' “'
        + (node.innerText || node.title || node.parentElement.innerText).trim().slice(0, 60) + '”';
    const shown = node => node.checkVisibility() && node.getBoundingClientRect().width > 0;
    const room = output.getBoundingClientRect();
    if (output.scrollWidth > output.clientWidth + 1)
        faults.push(`it is ${output.scrollWidth} wide in ${output.clientWidth}`);
    for (const node of [...output.querySelectorAll(what)].filter(shown)) {
        if (node.parentElement.closest(what)) continue;
        node.scrollIntoView({block: 'center'});
        const place = node.getBoundingClientRect();
        if (place.left < room.left - 1 || place.right > room.right + 1)
            faults.push(`${named(node)} sticks out: ${place.left} to ${place.right}`
                + ` in ${room.left} to ${room.right}`);
        const x = (place.left + place.right) / 2, y = (place.top + place.bottom) / 2;
        const hit = document.elementFromPoint(x, y);
        if (!hit || !(node.contains(hit) || hit.contains(node)) || !output.contains(hit))
            faults.push(`${named(node)} is covered by ${hit?.outerHTML.slice(0, 80)}`);
        if (node.matches('img')) continue;
        if (node.scrollWidth > node.clientWidth + 1 && !node.matches('.slider-container, select'))
            faults.push(`${named(node)} is cut off: ${node.scrollWidth} in ${node.clientWidth}`);
        if (node.matches('.slider-container') && place.width < 60)
            faults.push(`the track of ${named(node)} is ${place.width} wide`);
        const top = output.getBoundingClientRect().top;
        parts.push([node, place.left, place.top - top, place.right, place.bottom - top]);
    }
    if (!parts.length) faults.push('there is nothing to measure');
    for (const [a, ...p] of parts) for (const [b, ...q] of parts) {
        const wide = Math.min(p[2], q[2]) - Math.max(p[0], q[0]);
        const high = Math.min(p[3], q[3]) - Math.max(p[1], q[1]);
        if (a !== b && a.compareDocumentPosition(b) & 4 && wide > 2 && high > 2)
            faults.push(`${named(a)} and ${named(b)} overlap by ${wide} × ${high}`);
    }
    for (const [node] of parts) {
        const found = contrastOf(node);
        if (found && found.ratio < 4.5)
            faults.push(`${named(node)}: contrast ${found.ratio.toFixed(2)}, ${found.inks}`);
    }
    return faults;
};

const channels = color => {
    const pen = new OffscreenCanvas(1, 1).getContext('2d');
    pen.fillStyle = color;
    pen.fillRect(0, 0, 1, 1);
    return [...pen.getImageData(0, 0, 1, 1).data].map(each => each / 255);
};
const over = (front, back) => back.map((each, k) => front[3] * front[k] + (1 - front[3]) * each);
const luminance = ink => {
    const [r, g, b] = ink.map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
// Of the words in a node on what lies behind them; nothing where it is off, or has no words.
window.contrastOf = node => {
    if (!node.innerText?.trim() || node.disabled || node.closest('[disabled]')) return null;
    if (node.closest('.widget-slider')?.querySelector('[disabled]')) return null;
    const layers = [];
    for (let each = node; each; each = each.parentElement)
        layers.push(channels(getComputedStyle(each).backgroundColor));
    const back = layers.reverse().reduce((below, layer) => over(layer, below), [1, 1, 1]);
    const ink = over(channels(getComputedStyle(node).color), back);
    const [low, high] = [luminance(ink), luminance(back)].sort((a, b) => a - b);
    return {ratio: (high + 0.05) / (low + 0.05), inks: `${ink} on ${back}`};
};

window.pictureOf = image => {
    const place = image.getBoundingClientRect(), looks = [];
    for (let node = image; node; node = node.parentElement) {
        const style = getComputedStyle(node);
        looks.push(style.filter, style.mixBlendMode, style.opacity);
    }
    return {
        width: place.width, height: place.height, looks: [...new Set(looks)],
        pixels: [image.naturalWidth, image.naturalHeight],
        room: image.closest('.jp-OutputArea-output').clientWidth,
    };
};
null;
"""


def faults(demo) -> list[str]:
    """What is wrong with the demo's controls, words and picture on this screen."""
    found = demo.notebook.js(
        "image => faultsOf(image.closest('.jp-OutputArea-output'))", demo.image.element_handle()
    )
    return found + _faults_of_the_picture(demo)


def _faults_of_the_picture(demo) -> list[str]:
    seen = demo.notebook.js("pictureOf", demo.image.element_handle())
    wide, high = demo.notebook.ask(f"{demo.explorer}.canvas.pixels")
    found = []
    if seen["width"] > min(wide, seen["room"]) + 1:
        found.append(f"the picture is {seen['width']} wide in {seen['room']}")
    if abs(seen["width"] * high / wide - seen["height"]) > 1.5:
        found.append(f"the picture is {seen['width']} × {seen['height']}, not {wide} × {high}")
    if seen["pixels"] != [2 * wide, 2 * high]:
        found.append(f"the picture has {seen['pixels']} pixels, not twice {wide} × {high}")
    if set(seen["looks"]) != {"none", "normal", "1"}:
        found.append(f"something lies between the picture and the eye: {seen['looks']}")
    return found + _faults_on_the_screen(demo)


def _faults_on_the_screen(demo) -> list[str]:
    """Of the part of the picture that is in view: are they the kernel's pixels?"""
    demo.image.evaluate("image => image.scrollIntoView({block: 'center'})")
    page, place = demo.page, demo.image.bounding_box()
    panel = page.locator(".jp-WindowedPanel-outer:visible").bounding_box()
    top = max(place["y"], panel["y"]) + 2
    bottom = min(place["y"] + place["height"], panel["y"] + panel["height"]) - 2
    clip = {"x": place["x"], "y": top, "width": place["width"], "height": bottom - top}
    screen = Image.open(io.BytesIO(page.screenshot(clip=clip))).convert("RGB")
    png = demo.notebook.ask(f"__import__('base64').b64encode({demo.explorer}.png()).decode()")
    picture = Image.open(io.BytesIO(base64.b64decode(png))).convert("RGB")
    scale = picture.width / place["width"]
    part = (0, (top - place["y"]) * scale, picture.width, (bottom - place["y"]) * scale)
    wanted = picture.resize(screen.size, Image.Resampling.BOX, part)
    difference = np.abs(np.asarray(screen, float) - np.asarray(wanted, float))
    corner = np.asarray(screen)[: screen.height // 2, -1]
    found = []
    if difference.mean() > 6:
        found.append(f"the screen differs from the picture by {difference.mean():.1f} of 255")
    if np.median(corner) < 254:
        found.append(f"the picture's background is {np.median(corner)}, not white")
    return found
