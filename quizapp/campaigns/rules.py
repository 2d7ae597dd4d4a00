"""What a track asks of whoever takes its quiz: pure."""

from __future__ import annotations

from dataclasses import dataclass

from quizapp.errors import Invalid
from quizapp.messages import M

MOST_MINUTES = 600
MOST_ATTEMPTS = 100
WHOLE = 100


@dataclass(frozen=True, kw_only=True, slots=True)
class Rules:
    """Minutes of one sitting, percent of the points to pass, sittings, and whether study comes first."""

    minutes: int
    pass_mark: int
    attempt_limit: int
    study_first: bool

    def check(self) -> None:
        """Raise Invalid for what no track should have."""
        if not 1 <= self.minutes <= MOST_MINUTES:
            raise Invalid(M("答题时间要填 1 到 %(most)s 分钟。", most=MOST_MINUTES))
        if not 1 <= self.pass_mark <= WHOLE:
            raise Invalid(M("合格线要填 1 到 100（百分比）。"))
        if not 1 <= self.attempt_limit <= MOST_ATTEMPTS:
            raise Invalid(M("答题次数要填 1 到 %(most)s 次。", most=MOST_ATTEMPTS))
