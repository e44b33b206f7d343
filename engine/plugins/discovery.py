"""Finding connectors: folders with a ``connector.yaml``, and the Python modules beside it."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import entry_points
from pathlib import Path
from types import ModuleType
from typing import Any

from engine.core.clock import Clock
from engine.core.oauth2 import TokenCache
from engine.declare.spec import Spec
from engine.errors import Problems, Where, did_you_mean
from engine.plugins.exchange import Exchange
from engine.plugins.python_ops import PythonOperation, Services, shared_threads
from engine.plugins.rest import rest_spec
from engine.plugins.yaml_auth import opening_spec
from engine.plugins.yaml_spec import ConnectorFile, read_connector, read_operations
from engine.plugins.yaml_tree import Section, read_yaml

FILE = "connector.yaml"
GROUP = "myelin.connectors"


def discover(folders: Iterable[Path], clock: Clock | None = None) -> tuple[list[Spec], Problems]:
    """The operations of every ``NAME/connector.yaml`` in these folders; of two connectors of one name the later wins.

    Call it once per process: tokens without a registry and rate limits live as long as what it gives.
    """
    files = {file.parent.name: file for folder in folders for file in sorted(folder.glob(f"*/{FILE}"))}
    return discover_files(files.values(), clock)


def discover_packages(clock: Clock | None = None) -> tuple[list[Spec], Problems]:
    """The connectors that were installed with pip: entry points of the group ``myelin.connectors``.

    ``acme = "acme_connector"`` names a package with a ``connector.yaml`` in it.
    """
    problems = Problems()
    specs: list[Spec] = []
    for entry in entry_points(group=GROUP):
        try:
            file = Path(str(importlib.import_module(entry.module).__file__)).parent / FILE
        except Exception as error:
            # Whatever a package does wrong is a problem of this connector alone.
            message = f"The package '{entry.module}' cannot be imported: {type(error).__name__}: {error}."
            problems.error("unknown-module", Where(f"entry point {entry.name}"), message)
            continue
        specs += _load(file, problems, clock or Clock(), entry.name, entry.module)
    return specs, problems


def discover_files(files: Iterable[Path], clock: Clock | None = None) -> tuple[list[Spec], Problems]:
    """The operations of these ``connector.yaml`` files."""
    problems = Problems()
    specs = [spec for file in files for spec in _load(file, problems, clock or Clock())]
    return specs, problems


def _load(file: Path, problems: Problems, clock: Clock, name: str = "", package: str = "") -> list[Spec]:
    """``name`` and ``package`` where they are not those of the folder."""
    section = read_yaml(file, problems)
    if section is None:
        return []
    connector = read_connector(section, name or file.parent.name)
    modules = _Modules(file.parent, package)
    exchange = Exchange(
        connector.name, connector.settings, clock, connector.hidden_headers, connector.retry, connector.errors
    )
    specs: dict[str, Spec] = {}
    for spec, where in [
        *_opening_specs(section, connector, exchange),
        *_python_specs(section, connector, modules, exchange),
        *_rest_specs(section, connector, modules, exchange),
    ]:
        if spec.tag in specs:
            problems.error("repeated-name", where, f"<{spec.tag}> is declared twice.")
        specs[spec.tag] = spec
    return list(specs.values())


def _opening_specs(section: Section, connector: ConnectorFile, exchange: Exchange) -> Iterator[tuple[Spec, Where]]:
    if connector.opening is not None:
        yield opening_spec(connector.opening, TokenCache(exchange.clock)), section.where()


def _rest_specs(
    section: Section, connector: ConnectorFile, modules: _Modules, exchange: Exchange
) -> Iterator[tuple[Spec, Where]]:
    for operation, doc in read_operations(section, connector, modules.function):
        yield rest_spec(operation, doc, exchange), section.where("operations", operation.name)


def _python_specs(
    section: Section, connector: ConnectorFile, modules: _Modules, exchange: Exchange
) -> Iterator[tuple[Spec, Where]]:
    tokens = TokenCache(exchange.clock)
    services = Services(connector.name, exchange, tokens, shared_threads)
    for index, name in enumerate(connector.python):
        where = section.where("python", index)
        try:
            module = modules.module(name)
        except LookupError as error:
            section.problems.error("unknown-module", where, str(error.args[0]))
            continue
        for declared in _declared(module):
            if declared.tag.partition(".")[0] == connector.name:
                yield declared.spec(services), where
            else:
                message = f"'{declared.tag}' in {name} must begin with '{connector.name}.'."
                section.problems.error("bad-name", where, message)


def _declared(module: ModuleType) -> Iterator[PythonOperation[..., Any]]:
    for member in vars(module).values():
        if isinstance(member, PythonOperation) and member.function.__module__ == module.__name__:
            yield member


class _Modules:
    """The Python modules of one connector's folder."""

    def __init__(self, folder: Path, package: str = "") -> None:
        self._folder = folder
        self._name = package

    def module(self, name: str) -> ModuleType:
        """Import a module of the folder. Raises LookupError with the reason why it cannot be."""
        if not all(part.isidentifier() for part in name.split(".")):
            raise LookupError(f"'{name}' is no name of a module.")
        try:
            return importlib.import_module(f"{self._package()}.{name}")
        except Exception as error:
            # Whatever a user's module does wrong is a problem of this connector alone.
            raise LookupError(f"The module '{name}' cannot be imported: {type(error).__name__}: {error}.") from error

    def function(self, name: str) -> Callable[..., Any]:
        """``module.function``. Raises LookupError with the reason why there is none."""
        module_name, _, function_name = name.rpartition(".")
        if not module_name:
            raise LookupError(f"'{name}' must be 'module.function'.")
        module = self.module(module_name)
        function = getattr(module, function_name, None)
        if not callable(function):
            hint = did_you_mean(function_name, vars(module))
            raise LookupError(f"The module '{module_name}' has no function '{function_name}'. {hint}".rstrip())
        found: Callable[..., Any] = function
        return found

    def _package(self) -> str:
        """The import name of the folder: its own if it lies in an importable package, else one made for it."""
        if self._name:
            return self._name
        own = f"{self._folder.parent.name}.{self._folder.name}"
        if _is_package_at(own, self._folder):
            return own
        name = f"myelin_connector_{self._folder.name}"
        if not _is_package_at(name, self._folder):
            _forget(name)
            package = ModuleType(name)
            package.__path__ = [str(self._folder)]
            sys.modules[name] = package
        return name


def _is_package_at(name: str, folder: Path) -> bool:
    try:
        package = importlib.import_module(name)
    except (ImportError, ValueError):
        return False
    return [Path(path).resolve() for path in getattr(package, "__path__", ())] == [folder.resolve()]


def _forget(package: str) -> None:
    for name in [each for each in sys.modules if each == package or each.startswith(f"{package}.")]:
        del sys.modules[name]
