from __future__ import annotations

import threading
from collections.abc import Callable

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.message import buffered
from engine.message.buffered import Held

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("count"), st.integers(0, 4), st.integers(0, 60)),
        st.tuples(st.just("share"), st.integers(0, 4), st.integers(0, 4)),
        st.tuples(st.just("forget"), st.integers(0, 4), st.just(0)),
    )
)
"""What happens to five places: the body there grows or shrinks, goes to another place too, or is forgotten."""


@given(STEPS, st.sampled_from([0, 50, 100]))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_count_is_that_of_the_bodies_which_somebody_has(
    bodies: Callable[[], int], steps: list[tuple[str, int, int]], most: int
) -> None:
    buffered.use(most)
    places: list[Held | None] = [None] * 5
    sizes: dict[int, int] = {}
    for step, place, value in steps:
        held = places[place]
        if step == "count":
            held = places[place] = held or Held()
            others = sum(size for id_, size in sizes.items() if id_ != id(held))
            fits = most == 0 or others + value <= most
            assert held.has_room(value) == fits
            assert held.count(value) == fits
            if fits:
                sizes[id(held)] = value
        elif step == "share":
            places[value] = held
        else:
            places[place] = None
        held = None
        sizes = {id(each): sizes.get(id(each), 0) for each in places if each is not None}
        assert bodies() == sum(sizes.values())
    places.clear()
    assert bodies() == 0


def test_other_threads_may_be_the_last_to_have_a_body(bodies: Callable[[], int]) -> None:
    def forget(held: list[Held]) -> None:
        while held:
            held.pop()

    lots = [[Held() for _ in range(500)] for _ in range(8)]
    for lot in lots:
        for held in lot:
            assert held.count(10)
    del held, lot
    assert bodies() == 8 * 500 * 10
    threads = [threading.Thread(target=forget, args=(lot,)) for lot in lots]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert bodies() == 0
