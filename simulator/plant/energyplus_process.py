"""The other side of a running EnergyPlus: starts its process, hands it a step's commands, and ends it."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import multiprocessing
import shutil
import subprocess
import sys
import tempfile
import weakref
from dataclasses import asdict
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from config.phrase import Phrase
from schedules.weather.series import Weather
from simulator.plant.energyplus_files import complaints, write_epw
from simulator.plant.energyplus_model import ModelProblem, Prepared, Stopped, Unusable

_PATIENCE = 5.0
"""s of wall time that EnergyPlus gets to stop by itself."""


_CLOSED = Phrase("it was closed", "已被关闭")


class EngineProcess:
    """EnergyPlus at work on a prepared model, in a folder of its own that goes when it ends. Raises Unusable."""

    def __init__(
        self, prepared: Prepared, weather: Weather, first: dt.date, last: dt.date, name: str
    ) -> None:
        folder = Path(tempfile.mkdtemp(prefix="energyplus-"))
        write_epw(weather, first, last, folder / "in.epw")
        (folder / "in.epJSON").write_text(json.dumps(prepared.document), encoding="utf-8")
        spec = {
            "model": str(folder / "in.epJSON"),
            "weather": str(folder / "in.epw"),
            "folder": str(folder),
            "zones": [asdict(zone) for zone in prepared.zones],
            "loops": [asdict(loop) for loop in prepared.loops],
        }
        (folder / "spec.json").write_text(json.dumps(spec), encoding="utf-8")
        self._line, theirs = multiprocessing.Pipe()
        engine = [sys.executable, "-m", "simulator.plant.energyplus_engine", "run"]
        with (folder / "engine.log").open("wb") as log:
            process = subprocess.Popen(  # noqa: S603 - our own module
                [*engine, str(folder / "spec.json"), str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # Ctrl-C is for us, who then end it
            )
        theirs.close()
        self._folder, self._name = folder, name
        self._end = weakref.finalize(self, _end, process, self._line, folder)
        self._answer()

    def _answer(self) -> None:
        """Wait until the model has warmed up."""
        try:
            said = json.loads(self._line.recv_bytes())
        except (EOFError, OSError):
            found = complaints(self._folder, self._name)
            self.close()
            raise Unusable(found) from None
        if not said["ready"]:
            self.close()
            missing = ", ".join(said["missing"])
            message = Phrase(
                f"{self._name}: EnergyPlus gives no readings of {missing}",
                f"{self._name}：EnergyPlus 不给出 {missing} 的读数",
            )
            hint = Phrase("map to zones of the model that people use", "请对应到模型中有人使用的区")
            raise Unusable([ModelProblem(("zones",), message, hint)])

    def exchange(self, told: NDArray[np.float64]) -> NDArray[np.float64]:
        """A step's commands for what was seen in it. Raises Stopped."""
        try:
            self._line.send_bytes(told.tobytes())
            return np.frombuffer(self._line.recv_bytes())
        except (EOFError, OSError) as error:
            why = _CLOSED if not self._end.alive else complaints(self._folder, self._name)[0].message
            raise Stopped(
                Phrase(f"EnergyPlus takes no further step: {why.en}", f"EnergyPlus 无法继续：{why.zh}")
            ) from error

    def close(self) -> None:
        """End it wherever it is; again is no harm."""
        self._end()


def _end(process: subprocess.Popen[bytes], line: Connection, folder: Path) -> None:
    """Also when the plant is forgotten, and at exit."""
    line.close()
    try:
        process.wait(_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(_PATIENCE)
    shutil.rmtree(folder, ignore_errors=True)
