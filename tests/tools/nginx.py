"""Debian's nginx in front of the daemon, in a folder, as an ordinary user: what docs/how-to/behind-nginx.md prints."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Final, Self

from tests.ports import free_tcp
from tests.waiting import eventually

GUIDE: Final = Path(__file__).resolve().parents[2] / "docs/how-to/behind-nginx.md"
_WHOLE: Final = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port};
    listen [::1]:{port};
    server_name localhost;
{location}
  }}
}}
"""


class Nginx:
    """One that passes a folder on to the daemon at `upstream` (`127.0.0.1:8026`, `[::1]:8026`)."""

    def __init__(self, folder: Path, upstream: str) -> None:
        self.port = free_tcp()
        self._folder = folder
        location = printed().replace("127.0.0.1:8026", upstream)
        conf = folder / "nginx.conf"
        conf.write_text(_WHOLE.format(folder=folder, port=self.port, location=location))
        program = shutil.which("nginx") or "/usr/sbin/nginx"
        self._process = subprocess.Popen([program, "-c", str(conf), "-e", str(folder / "error.log")])

    def __enter__(self) -> Self:
        eventually(lambda: (self._folder / "nginx.pid").exists(), 60, "nginx is up")
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait(30)


def printed() -> str:
    """The location that the guide prints, word for word."""
    found = re.search(r"```nginx\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.S)
    assert found is not None
    return found[1]
