"""How far a grant reaches over the territory."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """Regions by path, each with all below it; `everything` reaches all of them."""

    everything: bool = False
    paths: tuple[str, ...] = ()

    def covers(self, path: str) -> bool:
        """Say whether the region at `path` lies within."""
        return self.everything or any(path == top or path.startswith(f"{top}/") for top in self.paths)


NOTHING = Scope()
