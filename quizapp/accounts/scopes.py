"""How far a grant reaches: over regions, trades and single enterprises."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """Regions by path, each with all below it; member units and enterprises by id; or `everything`."""

    everything: bool = False
    paths: tuple[str, ...] = ()
    member_unit_ids: tuple[int, ...] = ()
    enterprise_ids: tuple[int, ...] = ()

    def covers(self, path: str) -> bool:
        """Say whether the region at `path` lies wholly within."""
        return self.everything or any(path == top or path.startswith(f"{top}/") for top in self.paths)

    def holds(self, *, path: str, member_unit_id: int | None, enterprise_id: int) -> bool:
        """Say whether an enterprise lies within: by its region, its member unit or itself."""
        return (
            self.covers(path)
            or member_unit_id in self.member_unit_ids
            or enterprise_id in self.enterprise_ids
        )

    @property
    def is_a_district(self) -> bool:
        """Say whether it reaches everything, or a whole district, which has no region above it."""
        return self.everything or any("/" not in path for path in self.paths)

    @property
    def is_nothing(self) -> bool:
        """Say whether it reaches nowhere."""
        return not (self.everything or self.paths or self.member_unit_ids or self.enterprise_ids)


NOTHING = Scope()
