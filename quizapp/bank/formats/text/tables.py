"""Tables that were saved as text: told by their headings."""

from __future__ import annotations

from itertools import islice

from quizapp.bank.formats import headings
from quizapp.bank.formats.decoding import looked_at
from quizapp.imports.rows import ROWS_ABOVE_HEADINGS

DELIMITERS = ",\t;"
LONGEST_HEADINGS = 2000


def recognises(content: bytes) -> bool:
    """Say whether one of the first lines has the headings of a table of questions."""
    lines = (line for line in looked_at(content).split("\n") if line.strip())
    return any(
        {headings.STEM, headings.KEY}
        <= {headings.field_of(cell.strip('" ')) for cell in line.split(delimiter)}
        for line in islice(lines, ROWS_ABOVE_HEADINGS)
        if len(line) <= LONGEST_HEADINGS
        for delimiter in DELIMITERS
    )
