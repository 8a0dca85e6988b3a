"""A verb begins at once: what only some verbs need is loaded by those."""

from __future__ import annotations

import subprocess
import sys

HEAVY = ("sqlalchemy", "numpy", "starlette", "bacpypes3", "rusty_bacnet", "pyarrow", "cryptography")


def printed(program: str) -> str:
    """What it prints, in a Python of its own."""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_the_command_line_loads_nothing_heavy_before_it_is_asked_to() -> None:
    """`check` and `--help` are asked for all day, on small boxes."""
    asked = f"import sys, supervisor.cli.main; print([m for m in {HEAVY!r} if m in sys.modules])"
    assert printed(asked) == "[]"


def test_the_daemon_loads_numpy_for_those_alone_who_reckon_savings() -> None:
    """A fifth of a second at each start, and 30 MB."""
    asked = "import sys, supervisor.daemon.assemble; print('numpy' in sys.modules)"
    assert printed(asked) == "False"


def test_the_daemon_does_not_keep_what_reads_its_file() -> None:
    """Parser and models are fifteen megabytes, and are needed for a second at a start and a reload."""
    asked = (
        "import sys, supervisor.cli.run, supervisor.daemon.assemble, supervisor.daemon.boot; "
        "print([m for m in ('pydantic', 'pydantic_core', 'ruamel') if m in sys.modules])"
    )
    assert printed(asked) == "[]"


def test_a_gateway_without_a_database_loads_none() -> None:
    """Each process of a rehearsal has one: SQLAlchemy would take it an eighth of a second."""
    asked = "import sys, supervisor.gateway; print('sqlalchemy' in sys.modules)"
    assert printed(asked) == "False"


def test_ctrl_c_while_the_verbs_are_loaded_leaves_no_traceback() -> None:
    """On a small box that takes a second: 130, as at any other moment, and not a word."""
    pressed = """
import sys
class CtrlC:
    def find_spec(self, name, *_):
        if name == "typer":
            raise KeyboardInterrupt
sys.meta_path.insert(0, CtrlC())
from supervisor.cli import main
main()
"""
    done = subprocess.run([sys.executable, "-c", pressed], capture_output=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, b"", b"")
