"""What stands in the queue: signed JSON, never a pickle, so that no message can be more than plain values."""

from __future__ import annotations

import json
from typing import Any

from huey.registry import Message
from huey.serializer import SignedSerializer


class SignedJson(SignedSerializer):  # type: ignore[misc]  # huey brings no types
    """Writes jobs, and what is said of their progress, as JSON with our signature.

    A value that JSON does not know, such as a date, is refused with TypeError when it is put in; what does
    not carry our signature, or is no JSON, with ValueError when it is taken out.
    """

    def _serialize(self, data: Any) -> bytes:
        kept = {"job": data._asdict()} if isinstance(data, Message) else {"value": data}
        signed: bytes = self._sign(json.dumps(kept).encode())
        return signed

    def _deserialize(self, data: bytes) -> Any:
        kept = json.loads(self._unsign(data))
        return Message(**kept["job"]) if "job" in kept else kept["value"]
