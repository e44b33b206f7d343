"""Who uses whom: the artifacts of a deployment in columns, from what clients call to what is called last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from engine.management.flow_graph import Id

Uses = Mapping[Id, frozenset[Id]]
"""What each artifact uses."""


def connected(uses: Uses) -> frozenset[Id]:
    """Those that use another one or are used: the others have no place on a map."""
    return frozenset(id_ for user, used in uses.items() if used for id_ in (user, *used))


def columns(uses: Uses) -> list[list[Id]]:
    """Each connected artifact once, to the right of all that use it, but where they use each other in a circle.

    Within a column they stand near their users, so that lines are short.
    """
    users = _users(uses)
    depths: dict[Id, int] = {}
    for id_ in users:
        _depth(id_, users, depths)
    placed: list[list[Id]] = [[] for _ in range(max(depths.values(), default=-1) + 1)]
    heights: dict[Id, float] = {}
    for depth, column in enumerate(placed):
        here = [id_ for id_ in sorted(users) if depths[id_] == depth]
        column += sorted(here, key=lambda id_: _height_of(users[id_], heights))
        heights |= {id_: number / len(column) for number, id_ in enumerate(column)}
    return placed


def _users(uses: Uses) -> dict[Id, list[Id]]:
    """The users of each, without those that close a circle: ways are followed from what nobody uses."""
    used_by_others = {id_ for used in uses.values() for id_ in used}
    users: dict[Id, list[Id]] = {}
    followed: set[Id] = set()

    def follow(id_: Id, above: frozenset[Id]) -> None:
        users.setdefault(id_, [])
        if id_ in followed:
            return
        followed.add(id_)
        above |= {id_}
        for used in sorted(uses.get(id_, frozenset()) - above):
            follow(used, above)
            users[used].append(id_)

    for id_ in sorted(connected(uses), key=lambda id_: (id_ in used_by_others, id_)):
        follow(id_, frozenset())
    return users


def _depth(id_: Id, users: Mapping[Id, list[Id]], depths: dict[Id, int]) -> int:
    """The length of the longest way to it."""
    if id_ not in depths:
        depths[id_] = max((_depth(user, users, depths) + 1 for user in users[id_]), default=0)
    return depths[id_]


def _height_of(users: Iterable[Id], heights: Mapping[Id, float]) -> float:
    """Where they stand on average, from 0 at the top to 1."""
    known = [heights[user] for user in users]
    return sum(known) / len(known) if known else 0.0
