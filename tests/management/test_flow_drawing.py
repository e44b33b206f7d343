"""The picture of a flow: where boxes lie, what is linked, and that text stays text."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from engine.errors import Where
from engine.management.flow_drawing import document, draw, draw_map
from engine.management.flow_graph import Id, Lane, Section, Step


@dataclass(frozen=True)
class Box:
    left: float
    top: float
    right: float
    bottom: float

    def overlaps(self, other: Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )


def no_link(_: Id) -> str | None:
    return None


def boxes(element: etree._Element, x: float = 0, y: float = 0) -> Iterator[Box]:
    """The boxes of steps, where they lie in the whole picture."""
    if moved := re.fullmatch(r"translate\((\S+) (\S+)\)", element.get("transform", "")):
        x, y = x + float(moved[1]), y + float(moved[2])
    if element.tag.endswith("rect") and element.get("class", "").startswith("box"):
        yield Box(x, y, x + float(element.get("width", "")), y + float(element.get("height", "")))
    for child in element:
        yield from boxes(child, x, y)


def texts(picture: str, style: str) -> list[str]:
    return [each.text or "" for each in etree.fromstring(picture).iter("{*}text") if each.get("class") == style]


STEPS = st.recursive(
    st.builds(Step, tag=st.sampled_from(["log", "respond", "payloadFactory"]), detail=st.text("abc ", max_size=60)),
    lambda steps: st.builds(
        Step,
        tag=st.sampled_from(["filter", "switch", "clone", "sequence"]),
        branches=st.lists(
            st.builds(Lane, st.text("xy", max_size=40), st.lists(steps, max_size=3).map(tuple)), min_size=1, max_size=3
        ).map(tuple),
    ),
    max_leaves=12,
)
LANES = st.lists(
    st.builds(Lane, st.sampled_from(["", "inSequence"]), st.lists(STEPS, max_size=4).map(tuple)), max_size=3
)


@given(LANES)
def test_no_box_covers_another_and_none_is_cut_off(lanes: list[Lane]) -> None:
    picture = etree.fromstring(draw(lanes, no_link))
    left, top, width, height = map(float, picture.get("viewBox", "").split())
    found = list(boxes(picture))
    for one, other in itertools.combinations(found, 2):
        assert not one.overlaps(other)
    for box in found:
        assert left <= box.left
        assert top <= box.top
        assert box.right <= left + width
        assert box.bottom <= top + height


def test_steps_stand_below_each_other_on_one_axis() -> None:
    picture = etree.fromstring(
        draw([Lane("in", (Step("log"), Step("call", "POST http://example.com/orders")))], no_link)
    )
    first, second = boxes(picture)
    assert (first.left + first.right) / 2 == pytest.approx((second.left + second.right) / 2)
    assert second.top == first.bottom + 22


def test_ways_of_a_fork_lead_to_each_branch_and_back_but_from_where_it_ends() -> None:
    fork = Step("filter", branches=(Lane("then", (Step("log"),)), Lane("else", (Step("drop"),))))
    picture = draw([Lane("", (fork,))], no_link)
    curves = [way for way in etree.fromstring(picture).iter("{*}path") if "C" in way.get("d", "")]
    assert len(curves) == 3
    assert texts(picture, "branch") == ["then", "else"]


@pytest.mark.parametrize(("ends", "signs"), [(False, ["start", "end"]), (True, ["start"])])
def test_the_way_out_is_drawn_where_there_is_one(ends: bool, signs: list[str]) -> None:
    picture = etree.fromstring(draw([Lane("", (Step("respond" if ends else "log"),))], no_link))
    assert [each.get("class") for each in picture.iter("{*}circle")] == signs


def test_what_a_step_leads_to_is_a_link() -> None:
    lane = Lane("", (Step("sequence", "a", uses=("sequence", "a")), Step("sequence", "b", uses=("sequence", "b"))))
    picture = draw([lane], lambda id_: '/flow?name=a&"' if id_[1] == "a" else None)
    assert [each.get("href") for each in etree.fromstring(picture).iter("{*}a")] == ['/flow?name=a&"']


def test_whatever_stands_in_a_flow_is_text() -> None:
    hostile = "</text><script>alert('1')</script>\" onload=\"x"
    step = Step(hostile, hostile, hostile, Where(f"{hostile}.xml", 3, 1), ("sequence", hostile), (Lane(hostile, ()),))
    picture = draw([Lane(hostile, (step,))], lambda _: hostile)
    assert "<script" not in picture
    tags = {etree.QName(each).localname for each in etree.fromstring(picture).iter()}
    assert tags <= {"svg", "g", "rect", "circle", "path", "text", "title", "a"}
    names = {name for each in etree.fromstring(picture).iter() for name in each.attrib}
    assert "onload" not in names


def test_long_texts_are_cut_and_whole_in_the_title() -> None:
    picture = draw([Lane("", (Step("property × 9", "accessToken, " * 9, where=Where("a.xml", 2, 3)),))], no_link)
    [detail], [title] = texts(picture, "detail"), [each.text for each in etree.fromstring(picture).iter("{*}title")]
    assert detail.endswith("…")
    assert len(detail) < 50
    assert title == f"property × 9 {'accessToken, ' * 9}\na.xml:2:3"


def test_a_document_has_all_parts_and_its_style() -> None:
    lane = Lane("inSequence", (Step("respond", category="core"),))
    picture = document([Section("GET /a", (lane,)), Section("POST /<b>", (lane,)), Section("", (lane,))])
    root = etree.fromstring(picture)
    assert root.tag == "{http://www.w3.org/2000/svg}svg"
    assert "svg .core" in (root[0].text or "")
    assert texts(picture, "tag") == ["GET /a", "respond", "POST /<b>", "respond", "respond"]
    first, second, third = boxes(root)
    assert first.bottom < second.top < second.bottom < third.top
    assert third.bottom <= float(root.get("height", ""))
    assert picture.count("xmlns") == 1


def test_a_map_has_a_box_for_each_artifact_and_a_line_for_each_use() -> None:
    one, two, both, last = ("proxy", "one"), ("api", "two"), ("sequence", "both"), ("message-store", "last")
    uses = {one: frozenset({both}), two: frozenset({both, last}), both: frozenset({last})}
    picture = draw_map([[one, two], [both], [last]], uses, lambda id_: f"/flow?{id_[1]}")
    root = etree.fromstring(picture)
    assert texts(picture, "tag") == ["proxy", "api", "sequence", "message store"]
    assert [each.get("href") for each in root.iter("{*}a")] == ["/flow?one", "/flow?two", "/flow?both", "/flow?last"]
    assert len(list(root.iter("{*}path"))) == 4
    first, second, third, fourth = boxes(root)
    assert first.right < third.left
    assert third.right < fourth.left
    assert not first.overlaps(second)
    assert first.top < third.top < second.top  # in the middle of its column
    assert fourth.right <= float(root.get("width", ""))
