"""Make docs/tour.gif, the moving picture of README.md: the tour's network while it trains.

python scripts/make_moving_picture.py
"""

import io
from pathlib import Path

from PIL import Image

import bnlib as bn

TARGET = Path(__file__).resolve().parent.parent / "docs" / "tour.gif"
FRAME_MILLISECONDS, LAST_MILLISECONDS = 120, 3000


def frames():
    """One picture every 10 steps, with the demo's own panels."""
    demo = bn.demos.deep_network()
    demo.set(shown="with BN")
    for png in demo.frames():
        yield Image.open(io.BytesIO(png)).convert("RGB")


def main():
    first, *others = [
        picture.quantize(64, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
        for picture in frames()
    ]
    durations = [FRAME_MILLISECONDS] * len(others) + [LAST_MILLISECONDS]
    TARGET.parent.mkdir(exist_ok=True)
    first.save(
        TARGET, save_all=True, append_images=others, duration=durations, loop=0, optimize=True
    )
    print(f"{TARGET.name}: {len(durations)} pictures, {TARGET.stat().st_size / 1000:.0f} kB")


if __name__ == "__main__":
    main()
