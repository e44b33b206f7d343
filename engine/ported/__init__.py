"""Java classes that recur in public connectors, written anew in Python: signing, hashing, encoding.

Each is registered under the name of the Java class, so that ``<class name="…">`` of an unchanged connector finds it.
"""

from __future__ import annotations

import functools
import importlib
import importlib.util
import pkgutil
import sys
from importlib.metadata import entry_points
from pathlib import Path

from engine.core.java_class import InboundClass, JavaClass, registered
from engine.errors import ConfigurationError

ENTRY_POINTS = "myelin.classes"
"""The group under which installed packages name modules with classes."""


def find(name: str) -> type[JavaClass] | type[InboundClass] | None:
    """The Python class for a Java name: of this package, of installed packages, or of the user's folder."""
    found = registered(name)
    if found is None:
        _load_all()
        found = registered(name)
    return found


@functools.cache
def _load_all() -> None:
    for info in pkgutil.iter_modules(__path__):
        importlib.import_module(f"{__name__}.{info.name}")
    for entry in entry_points(group=ENTRY_POINTS):
        entry.load()


def load_folder(folder: Path) -> None:
    """Import every Python file of a folder: the setting ``classes``. Raises ConfigurationError with the reason."""
    if not folder.is_dir():
        raise ConfigurationError(f"classes: there is no folder '{folder}'")
    for file in sorted(folder.glob("*.py")):
        name = f"myelin_classes_{file.stem}"
        spec = importlib.util.spec_from_file_location(name, file)
        assert spec is not None  # a file that ends in .py has one
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        sys.modules[name] = module
        try:
            spec.loader.exec_module(module)
        except Exception as error:
            raise ConfigurationError(f"classes: {file} cannot be loaded: {type(error).__name__}: {error}") from error
