"""The building for people and programs, over HTTP."""

from supervisor.telling.web.access import Access, hash_token, new_token
from supervisor.telling.web.app import build_app
from supervisor.telling.web.history import History
from supervisor.telling.web.render import prepare
from supervisor.telling.web.server import serve

__all__ = ["Access", "History", "build_app", "hash_token", "new_token", "prepare", "serve"]
