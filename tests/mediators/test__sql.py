from __future__ import annotations

import pytest

from engine.mediators._sql import Sql, parse


@pytest.mark.parametrize(
    ("sql", "template", "count"),
    [
        ("select 1", "select 1", 0),
        ("select * from t where a=? and b = ?", "select * from t where a=:p1 and b = :p2", 2),
        ("call getId(?);", "call getId(:p1)", 1),
        ("select '?', \"?\", `?` where a = ?", "select '?', \"?\", `?` where a = :p1", 1),
        ("select 'it''s ?' where a = ?", "select 'it''s ?' where a = :p1", 1),
        ("select a -- why?\nfrom t where b = ?", "select a -- why?\nfrom t where b = :p1", 1),
        ("select /* ? ' */ ?", "select /* ? ' */ :p1", 1),
        ("select $$ ? $$, $x$ ? $$ $x$, ?", "select $$ ? $$, $x$ ? $$ $x$, :p1", 1),
        ("select a::int, 'b:c', ?", "select a\\:\\:int, 'b\\:c', :p1", 1),
        ("select j ?? 'k'", "select j ? 'k'", 0),
        ("  select 1 ; ", "select 1", 0),
        ("; ", "", 0),
        ("select 'open ?", "select 'open :p1", 1),
        ("select ?, 'ä?'", "select :p1, 'ä?'", 1),
    ],
)
def test_question_marks_become_names_where_they_are_parameters(sql: str, template: str, count: int) -> None:
    assert parse(sql) == Sql(template, count)
