"""What somebody's data is needed for: asked before it is shown, kept in the log, shown to that person.

Personal Information Protection Law, articles 6 and 51: no more than the purpose needs, and on record.
"""

from __future__ import annotations

from flask import request

from quizapp.errors import Invalid
from quizapp.messages import M

SHORTEST, LONGEST = 2, 60


def read_purpose() -> str:
    """Return the purpose that the form states. Raises Invalid when it states none that can be kept."""
    purpose = request.form.get("purpose", "").strip()
    if not SHORTEST <= len(purpose) <= LONGEST:
        raise Invalid(M("请填写用途，2 到 60 字。"))
    return purpose
