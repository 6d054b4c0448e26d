"""What a notebook finds in `course check` and `course grade` alike.

Notebooks are written in Colab, VS Code and JupyterLab, with a person before them. What
only works there, and decides nothing, does nothing here.
"""

import builtins
import sys
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import FrameType, ModuleType
from typing import Any


def settle(shell: Any) -> None:
    """Prepare an IPython shell for a notebook that runs without a person.

    `input()` answers "", `%matplotlib` and the settings of its backend do nothing, and
    google.colab can be imported: its functions return None.
    """
    builtins.input = _no_input
    kernel = getattr(shell, "kernel", None)
    if kernel is not None:  # which sets `input` anew for each cell
        kernel.raw_input = kernel.getpass = _no_input
    shell.enable_gui = lambda gui=None: None
    magics = shell.magics_manager.magics["line"]
    magics["matplotlib"] = lambda line: None
    config = magics["config"]

    def quiet_config(line: str) -> None:
        if not line.startswith("InlineBackend"):
            config(line)

    magics["config"] = quiet_config
    sys.meta_path.append(_Colab(shell.user_ns))


def _no_input(prompt: object = "", *_: Any, **__: Any) -> str:
    return ""


class _Colab(MetaPathFinder, Loader):
    """Finds google.colab for the notebook's own cells, if there is none.

    Libraries do not find it: they would take this machine for Colab.
    """

    def __init__(self, namespace: dict[str, Any]) -> None:
        self.namespace = namespace

    def find_spec(
        self, fullname: str, path: Any = None, target: Any = None
    ) -> ModuleSpec | None:
        is_colab = fullname == "google" or f"{fullname}.".startswith("google.colab.")
        if is_colab and self._is_own_import():
            return ModuleSpec(fullname, self, is_package=True)
        return None

    def _is_own_import(self) -> bool:
        frame: FrameType | None = sys._getframe(1)
        while frame and (
            frame.f_globals is globals() or "importlib" in frame.f_code.co_filename
        ):
            frame = frame.f_back
        return frame is not None and frame.f_globals is self.namespace

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Silent(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Leave it empty."""


class _Silent(ModuleType):
    """A module in which everything does nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return _Nothing()


class _Nothing:
    """What can be called and has every attribute, and does nothing."""

    def __call__(self, *_: Any, **__: Any) -> None:
        return None

    def __getattr__(self, name: str) -> "_Nothing":
        if name.startswith("__"):
            raise AttributeError(name)
        return self
