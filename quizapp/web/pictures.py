"""QR codes as SVG, for a screen and for paper."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup


def svg_picture(text: str) -> Markup:
    """Return a QR code (ISO/IEC 18004, a quarter of it may be soiled) as an SVG element for a page."""
    file = io.BytesIO()
    code = segno.make(text, error="q", micro=False)
    code.save(
        file, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, light="#fff", svgclass="qr"
    )
    return Markup(file.getvalue().decode())  # noqa: S704 - segno draws paths, the text is not in it
