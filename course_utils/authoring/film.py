"""Drawings that move: pictures of one size, shown one after the other.

They are animated PNGs, for Colab shows no SVG in a data URI. A PNG cannot ask whether
its reader wants motion, so a film plays a few times and stands still.
"""

import re
from base64 import b64decode, b64encode
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from course_utils.authoring.drawing import Picture
from course_utils.machine.files import content_key, read_text

TIMES = 3  # that a film is played
WHOLE = 2000  # milliseconds that it shows its whole before it begins
STILL = "(prefers-reduced-motion: reduce), print"
IMG = re.compile(r'<img [^>]*src="data:image/png;base64,([\w+/=]+)"[^>]*>')


class Film:
    """Pictures whose last one is the whole: with it the film begins and ends.

    Where PNGs do not move, that picture is all there is.

    Example:
        >>> first, last = Picture(height=60), Picture(height=60)
        >>> last.box(20, 10, 120, 40, "done")
        >>> film = Film([first, last], seconds=0.5)
        >>> film.height, len(film.shapes)
        (60, 1)
    """

    def __init__(self, pictures: Sequence[Picture], seconds: float):
        """Take the pictures, each of which stays for so many seconds."""
        self.pictures = list(pictures)
        self.seconds = seconds
        self.height, self.shapes = self.pictures[-1].height, self.pictures[-1].shapes

    def key(self) -> str:
        """Return 16 hex digits that change when a picture or this module changes."""
        keys = [picture.key() for picture in self.pictures]
        return content_key(self.seconds, keys, read_text(Path(__file__)))

    def png(self) -> bytes:
        """Return the film as an animated PNG of few colours."""
        from PIL import Image

        images = [Image.open(BytesIO(picture.png())) for picture in self.pictures]
        width, height = images[0].size
        # One palette for all, so that equal colours stay equal: cut from one sheet.
        sheet = Image.new("RGB", (width, height * len(images)))
        for k, image in enumerate(images):
            sheet.paste(image, (0, k * height))
        sheet = sheet.quantize(64, dither=Image.Dither.NONE)
        *steps, whole = (
            sheet.crop((0, k * height, width, (k + 1) * height))
            for k in range(len(images))
        )
        stay = round(1000 * self.seconds)
        buffer = BytesIO()
        whole.save(
            buffer,
            "PNG",
            optimize=True,
            save_all=True,
            append_images=[*steps, whole],
            duration=[WHOLE, *(stay for _ in steps), stay],
            loop=TIMES,
        )
        return buffer.getvalue()


def still(png: bytes) -> bytes:
    """Return a film's PNG without its motion: the whole that it begins with.

    Any other PNG comes back as it is.
    """
    chunks = [png[:8]]
    at = 8
    while at < len(png):
        end = at + 12 + int.from_bytes(png[at : at + 4])
        if png[at + 4 : at + 8] not in (b"acTL", b"fcTL", b"fdAT"):
            chunks.append(png[at:end])
        at = end
    return b"".join(chunks)


def still_on_request(html: str) -> str:
    """Return HTML whose films stand still on paper, and for readers who ask for it.

    Args:
        html: with pictures as `<img src="data:image/png;base64,...">`.
    """

    def picture(found: re.Match) -> str:
        png = b64decode(found[1])
        if (one := still(png)) == png:
            return found[0]
        uri = f"data:image/png;base64,{b64encode(one).decode()}"
        return f'<picture><source media="{STILL}" srcset="{uri}">{found[0]}</picture>'

    return IMG.sub(picture, html)
