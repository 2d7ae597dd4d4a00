"""The learner's journey of the budgets, step by step; the product and the floor take the same requests."""

from __future__ import annotations

import re
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from urllib.parse import quote

from bench.client import Answer, Broken, Client

TOKEN = re.compile(rb'(?:name="csrf_token" value|data-token)="([^"]+)"')
SAVES = 5
HEARTBEATS = 3


class Failed(Exception):
    """A step was answered with another status than it should."""


@dataclass
class Timings:
    """How long each step took, in milliseconds; how many journeys were finished; what failed."""

    steps: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    journeys: int = 0
    failures: list[str] = field(default_factory=list)

    def add(self, other: Timings) -> None:
        """Take another's in."""
        for name, times in other.steps.items():
            self.steps[name] += times
        self.journeys += other.journeys
        self.failures += other.failures


class Journey:
    """One learner with one browser."""

    def __init__(self, client: Client, timings: Timings, module_id: int, track_id: int) -> None:
        self.client, self.timings = client, timings
        self.module, self.track = f"/modules/{module_id}", f"/tracks/{track_id}"
        self.pages: dict[str, bytes] = {}

    def walk(self, phone: str, password: str) -> None:
        """Go all the way; raise Failed at the first wrong answer."""
        page = self._step("sign-in page", 200, lambda: self.client.get("/sign-in"))
        form = f"csrf_token={quote(_token(page))}&phone={phone}&password={password}"
        self._step("sign in", 302, lambda: self.client.post_form("/sign-in", form))
        self._step("list", 200, lambda: self.client.get("/"))
        page = self._step("open module", 200, lambda: self.client.get(self.module))
        token = _token(page)
        beat = '{"visible_ms": 15000, "at_end": false}'
        for _ in range(HEARTBEATS):
            self._step("heartbeat", 200, lambda: self.client.post_json(f"{self.module}/beats", beat, token))
        start = f"csrf_token={quote(token)}"
        attempt = self._step(
            "start", 302, lambda: self.client.post_form(f"{self.track}/attempts", start)
        ).location
        self._step("paper", 200, lambda: self.client.get(attempt))
        for place in range(SAVES):
            saved = f'{{"place": {place}, "sequence": 1, "choice": [0]}}'
            self._step("save", 200, partial(self.client.post_json, f"{attempt}/answers", saved, token))
        self._step("submit", 302, lambda: self.client.post_form(f"{attempt}/submission", start))
        self._step("result", 200, lambda: self.client.get(f"{attempt}/result"))
        self.timings.journeys += 1

    def _step(self, name: str, status: int, send: Callable[[], Answer]) -> Answer:
        begun = time.perf_counter()
        answer = send()
        self.timings.steps[name].append(1000 * (time.perf_counter() - begun))
        if answer.status != status:
            raise Failed(f"{name}: {answer.status} instead of {status}")
        self.pages.setdefault(name, answer.body)
        return answer


def _token(page: Answer) -> str:
    match = TOKEN.search(page.body)
    if match is None:
        raise Failed("a page without a token")
    return match[1].decode()


def drive(
    port: int, phones: Iterable[str], password: str, ids: tuple[int, int], *, clients: int, seconds: float
) -> tuple[Timings, float]:
    """Let so many learners at a time walk for so long; return the timings and the seconds that it took.

    Journeys under way at the end are finished and counted, so the time runs until the last of them.
    """
    supply, lock = iter(phones), threading.Lock()
    begun = time.perf_counter()
    parts = [Timings() for _ in range(clients)]

    def learners(timings: Timings) -> None:
        while time.perf_counter() - begun < seconds:
            with lock:
                phone = next(supply, None)
            if phone is None:
                timings.failures.append("no learners are left: give more --people")
                return
            client = Client(port)
            try:
                Journey(client, timings, *ids).walk(phone, password)
            except (Failed, Broken, OSError) as failure:
                timings.failures.append(str(failure))
            finally:
                client.close()

    threads = [threading.Thread(target=learners, args=(part,)) for part in parts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    whole = Timings()
    for part in parts:
        whole.add(part)
    return whole, time.perf_counter() - begun
