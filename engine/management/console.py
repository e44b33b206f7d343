"""Pages for people at the admin port: what runs, what is wrong, and each flow as a picture. They only read.

They tell how flows are made, so they are for browsers on this machine, also at the end of a tunnel. A page loads
nothing from elsewhere and runs no script, and says so to the browser. Jinja escapes what it is given, and lxml what is
in the pictures.
"""

from __future__ import annotations

import functools
import ipaddress
import itertools
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode, urlsplit

from engine import __version__
from engine.core.http import RawHeaders
from engine.core.redaction import SECRETS
from engine.deploy.deployment import Deployment
from engine.endpoints._states import states_of
from engine.errors import Problem
from engine.management.flow_drawing import draw, draw_map
from engine.management.flow_graph import Id, Section, sections_of, size_of
from engine.management.flow_map import columns, connected
from engine.management.last_lines import LAST_LINES

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

    from engine.management.metrics import Metrics

PATHS = frozenset({"/", "/map", "/flow", "/style.css"})

NOT_FROM_HERE = (
    "the pages are for browsers on this machine: come through a tunnel, as of ssh -L or kubectl port-forward"
)

MOST_STEPS = 2_000
"""Steps of an artifact that is drawn."""

MOST_ON_MAP = 300
"""Artifacts on one map."""

_JOINT = re.compile(r"([/_])(?=\w)")

_TEMPLATES = Path(__file__).parent / "templates"

_HEADERS = [
    (b"content-security-policy", b"default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
]


@dataclass(frozen=True, slots=True)
class Page:
    """An answer to a browser."""

    content: str
    media_type: str = "text/html; charset=utf-8"

    @property
    def headers(self) -> list[tuple[bytes, bytes]]:
        return [(b"content-type", self.media_type.encode()), *_HEADERS]


def is_from_here(client: tuple[str, int] | None, headers: RawHeaders) -> bool:
    """Whether the client is on this machine and asked for it by a name that only this machine answers to.

    A page from elsewhere may have a name of its own that leads here (DNS rebinding), and must not read ours.
    """
    host = next((value.decode("latin-1") for name, value in headers if name == b"host"), "")
    try:
        asked = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    return client is not None and _is_loopback(client[0]) and (asked == "localhost" or _is_loopback(asked))


def address_from_here(url: str) -> str:
    """Where a browser on this machine finds the pages, for the address that the admin port listens on; empty when it
    listens on one of the network alone, by which nobody comes from here."""
    host = urlsplit(url).hostname or ""
    if host == "localhost" or _is_loopback(host):
        return f"{url}/"
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  an address that is told, and not listened on
    return f"{url.replace(host, everywhere[host])}/" if host in everywhere else ""


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


class Console:
    """The pages about one deployment: ``/``, ``/map``, ``/flow?kind=…&name=…``, and ``/style.css`` that they need."""

    def __init__(self, deployment: Deployment, metrics: Metrics | None = None) -> None:
        self._deployment = deployment
        self._metrics = metrics

    def page(self, path: str, query: str) -> Page | None:
        """The page at one of PATHS; None for an artifact that is not there."""
        if path == "/":
            return self._overview()
        if path == "/map":
            return self._map()
        if path == "/style.css":
            styles = ((_TEMPLATES / name).read_text("utf-8") for name in ("picture.css", "style.css"))
            return Page("".join(styles), "text/css; charset=utf-8")
        asked = parse_qs(query)
        return self._flow(asked.get("kind", [""])[0], asked.get("name", [""])[0])

    def _overview(self) -> Page:
        artifacts = self._deployment.snapshot.artifacts()
        others = itertools.groupby((each for each in artifacts if not each.address), key=lambda each: each.kind)
        endpoints = states_of(self._deployment.snapshot).report()
        return self._rendered(
            "overview.html",
            problems=sorted(self._deployment.problems, key=lambda problem: problem.severity),
            resting=[endpoint for endpoint in endpoints if endpoint["state"] != "ACTIVE"],
            services=sorted((each for each in artifacts if each.address), key=lambda each: each.address or ""),
            counts=self._metrics.counts() if self._metrics is not None else None,
            kept=self._deployment.kept,
            worker=os.getpid(),
            lines=LAST_LINES.newest_first(),
            others=[(kind.replace("-", " "), list(those)) for kind, those in others],
        )

    def _map(self) -> Page:
        loaded = self._deployment.snapshot.loaded
        uses = {id_: frozenset((each.kind, each.name) for each in here.references) for id_, here in loaded.items()}
        count = len(connected(uses))
        is_large = count > MOST_ON_MAP
        picture = draw_map(columns(uses), uses, self._address_of) if count and not is_large else ""
        return self._rendered("map.html", picture=picture, is_large=is_large, most=MOST_ON_MAP)

    def _flow(self, kind: str, name: str) -> Page | None:
        loaded = self._deployment.snapshot.loaded
        here = loaded.get((kind, name))
        if here is None:
            return None
        sections = sections_of(here.artifact)
        is_large = sum(size_of(section.lanes) for section in sections) > MOST_STEPS
        users = (id_ for id_, each in loaded.items() if any((r.kind, r.name) == here.id for r in each.references))
        return self._rendered(
            "flow.html",
            artifact=here.artifact,
            is_kept=here.id in self._deployment.kept,
            problems=self._problems_in(here.artifact.where.file),
            pictures=[] if is_large else self._pictures(sections),
            is_large=is_large,
            most=MOST_STEPS,
            uses=sorted({(each.kind, each.name) for each in here.references}),
            users=sorted(users),
        )

    def _pictures(self, sections: Sequence[Section]) -> list[tuple[str, str]]:
        return [(each.title, draw(each.lanes, self._address_of)) for each in sections]

    def _problems_in(self, file: str) -> list[Problem]:
        return [problem for problem in self._deployment.problems if problem.where.file == file]

    def _address_of(self, id_: Id) -> str | None:
        """The page of an artifact."""
        known = id_ in self._deployment.snapshot.loaded
        return f"/flow?{urlencode({'kind': id_[0], 'name': id_[1]})}" if known else None

    def _rendered(self, template: str, **values: Any) -> Page:
        state = "faulty" if self._deployment.errors else "ready"
        page = _environment().get_template(template)
        text = page.render(version=__version__, state=state, address_of=self._address_of, **values)
        return Page(SECRETS.masked(text))


@functools.cache
def _environment() -> Environment:
    """Loaded when somebody looks: an engine nobody looks at does not need it."""
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(_TEMPLATES)
    environment = Environment(loader=loader, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    environment.filters["breakable"] = _breakable
    return environment


def _breakable(text: str) -> Markup:
    """A long name may go on in the next line between its parts, and not anywhere."""
    from markupsafe import Markup, escape

    return Markup(_JOINT.sub(r"\1<wbr>", str(escape(text))))  # noqa: S704  the text is escaped
