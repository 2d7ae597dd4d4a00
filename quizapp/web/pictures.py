"""QR codes as SVG, for a screen and for paper."""

from __future__ import annotations

import io

import segno
from markupsafe import Markup


def svg_picture(text: str, *, on_paper: bool = True) -> Markup:
    """Return a QR code (ISO/IEC 18004) as an SVG element for a page.

    On paper a quarter of it may be soiled; on a screen nothing is, and coarser squares are read more easily.
    """
    file = io.BytesIO()
    code = segno.make(text, error="q" if on_paper else "l", boost_error=False, micro=False)
    code.save(
        file, kind="svg", xmldecl=False, svgns=True, omitsize=True, border=4, light="#fff", svgclass="qr"
    )
    return Markup(file.getvalue().decode())  # noqa: S704 - segno draws paths, the text is not in it
