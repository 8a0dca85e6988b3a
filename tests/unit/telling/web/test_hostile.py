"""Whoever means ill: every request that would change something, without a token, forged, huge or odd, is refused, counted and on record."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from supervisor.daemon.turned_away import WHY, TurnedAway
from supervisor.store.rows import NoticeRow
from supervisor.telling.snapshot import Snapshot
from supervisor.telling.web import Access, build_app
from supervisor.telling.web import access as of_access
from supervisor.telling.web.access import new_token
from tests.fakes import VirtualClock
from tests.tools.fake_building import fake_building
from tests.unit.telling.web.test_app import no_metrics

TOKEN, HASHED = new_token()
CHANGES = ("/api/manual", "/api/overtime", "/api/release", "/api/reload")
FORM = {
    "point": "f2-office-201/fcu/start_stop", "zone": "f2-office-201", "value": "on", "until": "18:00", "name": "Li", "reason": "x",
    "token": TOKEN, "confirm": "yes", "do": "hold",
}  # fmt: skip


class Gate:
    """The page, what reached the daemon, and what was told of those that did not."""

    def __init__(self, peer: str = "127.0.0.1") -> None:
        self.reached: list[Mapping[str, Any]] = []
        self.notices: list[NoticeRow] = []
        self.away = TurnedAway(VirtualClock(), self.notices.append, lambda: "b")
        self.app = app = build_app(
            self.look, no_metrics, lambda: True, lambda: True, access=lambda: Access("192.0.2.7", tokens=(HASHED,)),
            ask=self.ask, refused=self.away,
        )  # fmt: skip
        transport = httpx.ASGITransport(app, client=(peer, 1), raise_app_exceptions=True)
        self.client = httpx.AsyncClient(transport=transport, base_url="http://localhost")

    async def look(self) -> Snapshot:
        """The building."""
        return fake_building()

    async def ask(self, request: Mapping[str, Any]) -> Mapping[str, Any]:
        """The daemon, which agrees to all that it hears."""
        self.reached.append(request)
        return {
            "point": FORM["point"],
            "role": "start_stop",
            "value": True,
            "zone": FORM["zone"],
            "until": "2026-07-15T18:00:00+08:00",
        }


@pytest.fixture(autouse=True)
def _own_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """No loop runs the virtual clock here."""
    monkeypatch.setattr(VirtualClock, "now", lambda self: 1_750_000_000.0)


ATTACKS: dict[str, tuple[str, dict[str, Any]]] = {
    "no token": ("token", {"data": {**FORM, "token": ""}}),
    "a wrong token": ("token", {"data": {**FORM, "token": "x" * 43}}),
    "the stored hash": ("token", {"data": {**FORM, "token": HASHED}}),
    "what a browser sends by itself": ("token", {"data": {**FORM, "token": ""}, "auth": ("x", TOKEN)}),
    "another page's origin": ("origin", {"data": FORM, "headers": {"origin": "http://evil.example"}}),
    "a sandboxed page": ("origin", {"data": FORM, "headers": {"origin": "null"}}),
    "another site's form": ("origin", {"data": FORM, "headers": {"sec-fetch-site": "cross-site"}}),
    "another name": ("host", {"data": FORM, "headers": {"host": "evil.example"}}),
    "ten megabytes": ("size", {"content": b"point=" + b"x" * 10_000_000}),
    "ten megabytes of JSON": ("size", {"content": b'"' + b"x" * 10_000_000, "headers": {"content-type": "application/json"}}),
    "a deep JSON": ("senseless", {"content": b"[" * 9_000, "headers": {"content-type": "application/json"}}),
    "a JSON that is no object": ("senseless", {"json": ["x"]}),
    "octets that are no text": ("senseless", {"content": b"\xff\xfe\x00"}),
    "a thousand fields": ("senseless", {"content": b"&".join(b"a=1" for _ in range(1000))}),
    "no confirmation": ("senseless", {"data": {**FORM, "confirm": ""}}),
}  # fmt: skip


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize("attack", ATTACKS)
async def test_an_attack_is_refused_counted_and_on_record(path: str, attack: str) -> None:
    """Nothing reaches the daemon; the count goes up by one, and the audit's notices say why and from where."""
    why, sent = ATTACKS[attack]
    gate = Gate()
    answer = await gate.client.post(path, **sent)
    assert 400 <= answer.status_code < 500
    assert gate.reached == []
    assert gate.away.counts == Counter({**dict.fromkeys(WHY, 0), why: 1})
    (notice,) = gate.notices
    assert (notice.rule, notice.kind) == ("operator", "refused")
    assert "127.0.0.1" in notice.en
    assert WHY[why].zh in notice.zh


@pytest.mark.parametrize("path", CHANGES)
@pytest.mark.parametrize("field", ["zone", "point", "name", "until", "value", "reason"])
@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        "'; DROP TABLE intents;--",
        "../../etc/passwd",
        "\x00\x1b[31m",
        "\u202e",
        "x" * 9_000,
    ],
)
async def test_odd_words_are_escaped_or_refused(path: str, field: str, text: str) -> None:
    """An answer never carries them as markup, whatever the daemon makes of them."""
    answer = await Gate().client.post(path, data={**FORM, field: text})
    assert answer.status_code < 500
    assert "<script>" not in answer.text
    assert len(answer.text) < 20_000


@pytest.mark.parametrize(
    "path",
    [
        "/api/../api/manual",
        "/api/manual/..",
        "/api//manual",
        "/API/manual",
        "/api/manual%00",
        "/static/../api/manual",
    ],
)
async def test_other_spellings_of_an_address_lead_nowhere(path: str) -> None:
    """Without a token none of them reaches the daemon."""
    gate = Gate()
    answer = await gate.client.post(path, data={**FORM, "token": ""})
    assert 400 <= answer.status_code < 500
    assert gate.reached == []


@pytest.mark.parametrize(
    "path",
    ["/metrics", "/api/building", "/api/zones", "/api/events", "/live", "/", "/audit", "/reports", "/readyz"],
)
async def test_from_another_machine_everything_that_tells_of_the_building_needs_a_token(path: str) -> None:
    """The health check alone is open."""
    gate = Gate("192.0.2.50")
    gate.client.headers["host"] = "192.0.2.7"
    assert (await gate.client.get(path)).status_code == 401
    assert (await gate.client.get("/healthz")).status_code == 200
    if path != "/live":
        answer = await gate.client.get(path, headers={"authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200


async def test_a_flood_is_counted_and_told_once_a_minute() -> None:
    """A thousand wrong tokens are a thousand in the metric and one line in the audit."""
    gate = Gate()
    for _ in range(200):
        await gate.client.post("/api/manual", data={**FORM, "token": "wrong"})
    assert gate.away.counts["token"] == 200
    assert len(gate.notices) == 1


async def test_what_is_asked_for_rightly_is_no_refusal() -> None:
    """Nor is a question that finds nothing."""
    gate = Gate()
    assert (await gate.client.post("/api/manual", data=FORM)).status_code == 200
    assert (await gate.client.get("/nowhere")).status_code == 404
    assert sum(gate.away.counts.values()) == 0
    assert set(of_access.WHY.values()) <= set(WHY)
