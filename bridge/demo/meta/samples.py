"""What customers have on their phones: a few small files of our own, drawn by `scripts/sample_media.py`."""

from functools import cache
from pathlib import Path
from typing import Final

SAMPLES: Final = Path(__file__).parents[1] / "samples"
MIME: Final = {".jpg": "image/jpeg", ".png": "image/png", ".mp4": "video/mp4", ".m4a": "audio/mp4"}
PHOTOS: Final = ("mug_blue", "mug_white", "shelf", "broken", "post")


@cache
def sample(name: str) -> tuple[bytes, str]:
    """Return the bytes and the type of a file such as ``clip.mp4``; KeyError or FileNotFoundError where there is none."""
    return (SAMPLES / name).read_bytes(), MIME[Path(name).suffix]


@cache
def pdf(words: str) -> bytes:
    """Make a PDF of one page with one line of ASCII text."""
    line = words.replace("\\", "").replace("(", "[").replace(")", "]")
    stream = f"BT /F1 20 Tf 60 700 Td ({line}) Tj ET".encode("ascii")
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(stream), stream),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(body))
        body += b"%d 0 obj%s endobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    head = b"xref\n0 %d\n0000000000 65535 f \n" % (len(parts) + 1)
    return (
        body + head + table + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(parts) + 1, len(body))
    )
