"""The register of devices that a store keeps."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Any

from supervisor.field.register import Lessons, Places, Register, Tell
from supervisor.store.queries import value
from supervisor.store.writer import Store


def register_of(store: Store, tell: Tell = lambda device, what: None) -> Register:
    """The register that a store keeps."""

    def recalled(key: str) -> Awaitable[Any]:
        return store.read(lambda connection: value(connection, key))

    return Register(
        lambda instance: recalled(f"device/{instance}"),
        lambda instance, saved: store.put_kv(f"device/{instance}", saved),
        tell,
        Places(
            lambda instance: recalled(f"place/{instance}"),
            lambda instance, saved: store.put_kv(f"place/{instance}", saved),
        ),
        Lessons(
            lambda instance: recalled(f"learnt/{instance}"),
            lambda instance, saved: store.put_kv(f"learnt/{instance}", saved),
        ),
    )
