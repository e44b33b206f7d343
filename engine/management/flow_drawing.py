"""A flow as a picture: SVG, drawn from top to bottom, each part in its own coordinates.

lxml makes the elements, so that whatever stands in a flow is text in the picture and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lxml import etree

from engine.management.flow_graph import Id, Lane, Section, Step
from engine.management.flow_map import Uses

Group = etree._Element  # lxml's elements have no public name
Link = Callable[[Id], str | None]
"""The address of the page of an artifact; None for one that has none."""

_SVG = "http://www.w3.org/2000/svg"
_STYLE = Path(__file__).parent / "templates" / "picture.css"

_KINDS = {
    "proxy": "core",
    "api": "core",
    "sequence": "transformation",
    "template": "transformation",
    "endpoint": "endpoint",
    "connector": "connector",
}
"""The colours of artifacts on a map, by the categories of steps."""

_BOX_HEIGHT = 44.0
_GAP = 22.0
"""Between two boxes, one below the other."""
_ASIDE = 28.0
"""Between two branches, side by side."""
_FORK = 30.0
"""From a box down to its branches, and from them down to where they meet."""
_FRAME = 14.0
"""Between a frame and what is in it."""
_LABEL = 22.0
"""The height of a line with a label."""
_SIGN = 5.0
"""Half of the sign where messages come in."""
_NARROWEST, _WIDEST, _EMPTY = 132.0, 300.0, 60.0
_TAG_LETTER, _DETAIL_LETTER, _MARGIN = 8.1, 7.0, 30.0
"""The width of a letter, on average in the wide font of plain Linux, and of what is around a text."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Something drawn. ``axis`` is where the flow enters it and leaves it, from its left edge."""

    group: Group
    width: float
    height: float
    axis: float
    ends: bool = False


def draw(lanes: Sequence[Lane], link: Link) -> str:
    """The lanes of one part of an artifact beside each other, as an element to stand in a page with picture.css."""
    shape = _part(lanes, link)
    root = _element("svg")
    _put(root, shape, 0, 0)
    return _written(root, shape.width, shape.height)


def draw_map(placed: Sequence[Sequence[Id]], uses: Uses, link: Link) -> str:
    """Artifacts in their columns, with a line from each to those that it uses, as an element to stand in a page."""
    root = _element("svg")
    height = max(map(len, placed)) * (_BOX_HEIGHT + _GAP) - _GAP
    places: dict[Id, tuple[float, float, float]] = {}  # left edge, middle, right edge of the column
    boxes, left, right = _element("g"), 0.0, 0.0
    for column in placed:
        shapes = [_artifact_box(id_, link) for id_ in column]
        left, right = right, right + max(shape.width for shape in shapes)
        top = (height - len(column) * (_BOX_HEIGHT + _GAP) + _GAP) / 2
        for number, (id_, shape) in enumerate(zip(column, shapes, strict=True)):
            y = top + number * (_BOX_HEIGHT + _GAP)
            _put(boxes, shape, left, y)
            places[id_] = left, y + _BOX_HEIGHT / 2, right
        right += 3 * _ASIDE
    for user, all_used in sorted(uses.items()):
        for used in sorted(all_used):
            x, y, edge = places[user]
            to_x, to_y, _ = places[used]
            middle = (edge + to_x) / 2
            way = f"M{x:.1f} {y:.1f}H{edge:.1f}C{middle:.1f} {y:.1f} {middle:.1f} {to_y:.1f} {to_x:.1f} {to_y:.1f}"
            _add(root, "path", {"class": "way", "d": way})
    root.append(boxes)  # over the lines
    return _written(root, right - 3 * _ASIDE, height)


def _artifact_box(id_: Id, link: Link) -> Shape:
    kind, name = id_
    return _box(Step(kind.replace("-", " "), name, _KINDS.get(kind, ""), uses=id_), link)


def document(sections: Sequence[Section]) -> str:
    """All parts of an artifact below each other, with their titles, as a file that needs no other."""
    root = _element("svg")
    _add(root, "style", {}).text = _STYLE.read_text("utf-8")
    width = bottom = 0.0
    for section in sections:
        shape = _part(section.lanes, lambda _: None)
        title = _LABEL + 8 if section.title else 0.0
        top = bottom + (2 * _ASIDE if bottom else 0.0)
        _text(root, 0, top + 14, section.title, "tag")
        _put(root, shape, 0, top + title)
        width, bottom = max(width, shape.width, len(section.title) * _TAG_LETTER), top + title + shape.height
    return _written(root, width, bottom)


def _part(lanes: Sequence[Lane], link: Link) -> Shape:
    group, left, height = _element("g"), 0.0, 0.0
    for lane in lanes:
        shape = _titled(lane, _lane(lane.steps, link))
        _put(group, shape, left, 0)
        left, height = left + shape.width + 2 * _ASIDE, max(height, shape.height)
    return Shape(group, left - 2 * _ASIDE, height, 0)


def _written(root: Group, width: float, height: float) -> str:
    """With room for the strokes at the edges."""
    root.set("viewBox", f"-2 -2 {width + 4:.0f} {height + 4:.0f}")
    root.set("width", f"{width + 4:.0f}")
    root.set("height", f"{height + 4:.0f}")
    return etree.tostring(root, encoding="unicode")


def _titled(lane: Lane, shape: Shape) -> Shape:
    """A lane with its name above, a sign where messages come in, and one where they leave."""
    group = _element("g")
    axis = max(shape.axis, len(lane.label) * _TAG_LETTER / 2)
    width = axis + max(shape.width - shape.axis, len(lane.label) * _TAG_LETTER / 2)
    begin = _LABEL + 2 * _SIGN + _GAP
    end = begin + shape.height
    _text(group, axis, _LABEL - 8, lane.label, "lane", middle=True)
    _add(group, "circle", {"class": "start", "cx": axis, "cy": _LABEL + _SIGN, "r": _SIGN})
    _line(group, axis, _LABEL + 2 * _SIGN, begin)
    _put(group, shape, axis - shape.axis, begin)
    if not shape.ends:
        _line(group, axis, end, end + _GAP)
        _add(group, "circle", {"class": "end", "cx": axis, "cy": end + _GAP + _SIGN, "r": _SIGN})
        end += _GAP + 2 * _SIGN
    return Shape(group, width, end, axis)


def _lane(steps: Sequence[Step], link: Link) -> Shape:
    """Steps below each other, on one axis, with lines between them but after a step that ends the flow."""
    shapes = [_step(step, link) for step in steps]
    axis = max((shape.axis for shape in shapes), default=_EMPTY / 2)
    width = axis + max((shape.width - shape.axis for shape in shapes), default=_EMPTY / 2)
    group, bottom = _element("g"), 0.0
    for number, shape in enumerate(shapes):
        top = bottom + _GAP if number else 0.0
        if number and not shapes[number - 1].ends:
            _line(group, axis, bottom, top)
        _put(group, shape, axis - shape.axis, top)
        bottom = top + shape.height
    return Shape(group, width, bottom, axis, any(shape.ends for shape in shapes))


def _step(step: Step, link: Link) -> Shape:
    box = _box(step, link)
    if not step.branches:
        return box
    return _fork(step, box, link) if step.forks else _frame(step, box, link)


def _fork(step: Step, box: Shape, link: Link) -> Shape:
    """A box, the ways from it, and where they meet again."""
    branches = [_branch(lane, link) for lane in step.branches]
    row = sum(branch.width for branch in branches) + _ASIDE * (len(branches) - 1)
    width = max(row, box.width)
    axis, top = width / 2, box.height + _FORK
    bottom = top + max(branch.height for branch in branches)
    group, left = _element("g"), (width - row) / 2
    _put(group, box, axis - box.axis, 0)
    for branch in branches:
        at = left + branch.axis
        _curve(group, axis, box.height, at, top)
        _put(group, branch, left, top)
        if not branch.ends:
            _line(group, at, top + branch.height, bottom)
            _curve(group, at, bottom, axis, bottom + _FORK)
        left += branch.width + _ASIDE
    return Shape(group, width, bottom if step.ends else bottom + _FORK, axis, step.ends)


def _frame(step: Step, box: Shape, link: Link) -> Shape:
    """A box, and in a frame with it what it runs on its way."""
    branches = [_branch(lane, link) for lane in step.branches]
    row = sum(branch.width for branch in branches) + _ASIDE * (len(branches) - 1)
    width = max(row, box.width) + 2 * _FRAME
    box_bottom = _FRAME + box.height
    top = box_bottom + _FORK
    height = top + max(branch.height for branch in branches) + _FRAME
    group, left = _element("g"), (width - row) / 2
    _add(group, "rect", {"class": "frame", "width": width, "height": height, "rx": 12})
    _put(group, box, width / 2 - box.axis, _FRAME)
    for branch in branches:
        _curve(group, width / 2, box_bottom, left + branch.axis, top)
        _put(group, branch, left, top)
        left += branch.width + _ASIDE
    return Shape(group, width, height, width / 2, step.ends)


def _branch(lane: Lane, link: Link) -> Shape:
    """A lane with its name on a short line at its top."""
    inner = _lane(lane.steps, link)
    half = len(lane.label) * _DETAIL_LETTER / 2
    axis = max(inner.axis, half)
    group = _element("g")
    _line(group, axis, 0, _LABEL + 6)
    _put(group, inner, axis - inner.axis, _LABEL + 6)
    _text(group, axis, _LABEL - 8, lane.label, "branch", middle=True)
    width = axis + max(inner.width - inner.axis, half)
    return Shape(group, width, _LABEL + 6 + inner.height, axis, inner.ends)


def _box(step: Step, link: Link) -> Shape:
    needed = max(len(step.tag) * _TAG_LETTER, len(step.detail) * _DETAIL_LETTER) + _MARGIN
    width = min(max(needed, _NARROWEST), _WIDEST)
    group = _element("g")
    address = link(step.uses) if step.uses is not None else None
    parent = group if address is None else _add(group, "a", {"href": address})
    _add(parent, "title", {}).text = f"{step.tag} {step.detail}\n{step.where or ''}".strip()
    style = f"box {step.category}{' last' if step.ends and not step.branches else ''}"
    _add(parent, "rect", {"class": style, "width": width, "height": _BOX_HEIGHT, "rx": 8})
    letters = int((width - _MARGIN) / _DETAIL_LETTER) + 1
    _text(parent, 16, 18 if step.detail else 27, _shortened(step.tag, int((width - _MARGIN) / _TAG_LETTER) + 1), "tag")
    _text(parent, 16, 35, _shortened(step.detail, letters), "detail")
    return Shape(group, width, _BOX_HEIGHT, width / 2, step.ends)


def _shortened(text: str, letters: int) -> str:
    return text if len(text) <= letters else text[: letters - 1] + "…"


# ---------------------------------------------------------------- strokes


def _element(tag: str) -> Group:
    return etree.fromstring(f'<{tag} xmlns="{_SVG}"/>')


def _add(parent: Group, tag: str, attributes: Mapping[str, str | float]) -> Group:
    texts = {name: value if isinstance(value, str) else f"{value:.1f}" for name, value in attributes.items()}
    return etree.SubElement(parent, f"{{{_SVG}}}{tag}", texts)


def _put(parent: Group, shape: Shape, x: float, y: float) -> None:
    shape.group.set("transform", f"translate({x:.1f} {y:.1f})")
    parent.append(shape.group)


def _text(parent: Group, x: float, y: float, text: str, style: str, *, middle: bool = False) -> None:
    if not text:
        return
    anchor = {"text-anchor": "middle"} if middle else {}
    _add(parent, "text", {"class": style, "x": x, "y": y, **anchor}).text = text


def _line(parent: Group, x: float, top: float, bottom: float) -> None:
    _add(parent, "path", {"class": "way", "d": f"M{x:.1f} {top:.1f}V{bottom:.1f}"})


def _curve(parent: Group, x: float, top: float, to_x: float, bottom: float) -> None:
    middle = (top + bottom) / 2
    way = f"M{x:.1f} {top:.1f}C{x:.1f} {middle:.1f} {to_x:.1f} {middle:.1f} {to_x:.1f} {bottom:.1f}"
    _add(parent, "path", {"class": "way", "d": way})
