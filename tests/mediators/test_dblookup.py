from __future__ import annotations

import sys

import pytest

from engine.errors import Fault
from engine.message.context import MessageContext
from engine.testing.harness import Harness
from tests.mediators.conftest import Db

TABLE = "CREATE TABLE company (id INTEGER, name VARCHAR(20), price DOUBLE PRECISION, note VARCHAR(20))"
ROWS = "INSERT INTO company VALUES (1, 'IBM', 100.5, NULL), (2, 'Ünïcode', 2e10, ''), (3, 'x'' OR 1=1', 0, ':a')"


def _report(database: Db, *statements: str) -> str:
    inner = "".join(f"<statement><sql>{sql}</sql></statement>" for sql in statements)
    return f"<dbreport>{database.connection}{inner}</dbreport>"


def _lookup(database: Db, *statements: str) -> str:
    inner = "".join(f"<statement>{each}</statement>" for each in statements)
    return f"<dblookup>{database.connection}{inner}</dblookup>"


async def _filled(database: Db, body: bytes = b"{}") -> tuple[Harness, MessageContext]:
    harness = Harness()
    message = harness.message(body)
    await harness.run(_report(database, TABLE, ROWS), message)
    return harness, message


async def test_columns_of_the_first_row_become_properties(database: Db) -> None:
    harness, message = await _filled(database)
    xml = _lookup(
        database,
        "<sql>SELECT * FROM company ORDER BY id</sql>"
        '<result name="id" column="1"/><result name="n" column="NAME"/><result name="p" column="price"/>',
    )
    assert await harness.run(xml, message) is True
    assert [message.properties[name] for name in ("id", "n", "p")] == ["1", "IBM", "100.5"]


async def test_null_and_no_rows_leave_properties_as_they_are(database: Db) -> None:
    harness, message = await _filled(database)
    message.properties.update(note="before", n="before")
    xml = _lookup(
        database,
        '<sql>SELECT note FROM company WHERE id = 1</sql><result name="note" column="note"/>',
        '<sql>SELECT name FROM company WHERE id = 99</sql><result name="n" column="name"/>',
        '<sql>SELECT note FROM company WHERE id = 2</sql><result name="empty" column="note"/>',
    )
    await harness.run(xml, message)
    assert [message.properties.get(name) for name in ("note", "n", "empty")] == ["before", "before", ""]


@pytest.mark.parametrize(
    ("name", "found"), [("IBM", "1"), ("Ünïcode", "2"), ("x' OR 1=1", "3"), ("' OR '1'='1", None), ("?", None)]
)
async def test_parameters_are_bound_and_never_part_of_the_text(database: Db, name: str, found: str | None) -> None:
    harness, message = await _filled(database)
    message.properties["name"] = name
    xml = _lookup(
        database,
        '<sql>SELECT id FROM company WHERE name = ?</sql><parameter expression="$ctx:name" type="VARCHAR"/>'
        '<result name="id" column="id"/>',
    )
    await harness.run(xml, message)
    assert message.properties.get("id") == found


async def test_a_statement_may_use_what_the_one_before_found(database: Db) -> None:
    harness, message = await _filled(database)
    xml = _lookup(
        database,
        "<sql>SELECT MAX(id) AS last FROM company</sql><result name='last' column='last'/>",
        "<sql>SELECT note FROM company WHERE id = ?</sql><parameter expression='$ctx:last' type='INTEGER'/>"
        "<result name='note' column='note'/>",
    )
    await harness.run(xml, message)
    assert message.properties["note"] == ":a"


async def test_typed_parameters_and_results(postgresql: Db) -> None:
    harness = Harness()
    message = harness.message(b'{"big": 9223372036854775807}')
    types = (
        ("expression='json-eval($.big)'", "BIGINT", "bigint", "9223372036854775807"),
        ("value='1.50'", "DECIMAL", "numeric(9,2)", "1.50"),
        ("value='true'", "BIT", "boolean", "true"),
        ("value='0.1'", "DOUBLE", "double precision", "0.1"),
        ("value='2024-2-9'", "DATE", "date", "2024-02-09"),
        ("value='1:02:03'", "TIME", "time", "01:02:03"),
        ("value='2024-02-09 01:02:03.5'", "TIMESTAMP", "timestamp", "2024-02-09 01:02:03.5"),
        ("value='ä'", "VARCHAR", "text", "ä"),
        ("value=''", "INTEGER", "integer", None),
    )
    for given, type_, column, text in types:
        message.properties.pop("r", None)
        xml = _lookup(
            postgresql,
            f"<sql>SELECT CAST(? AS {column}) AS r</sql><parameter {given} type='{type_}'/>"
            "<result name='r' column='1'/>",
        )
        await harness.run(xml, message)
        assert message.properties.get("r") == text, type_


async def test_json_arrays_and_double_colons_of_postgresql(postgresql: Db) -> None:
    harness = Harness()
    message = harness.message()
    xml = _lookup(
        postgresql,
        """<sql>SELECT '{"a": [1, null]}'::jsonb AS j, ARRAY[1,2] AS a, '{"k":1}'::jsonb ?? 'k' AS has</sql>"""
        "<result name='j' column='j'/><result name='a' column='a'/><result name='has' column='has'/>",
    )
    await harness.run(xml, message)
    assert [message.properties[name] for name in "ja"] == ['{"a":[1,null]}', "[1,2]"]
    assert message.properties["has"] == "true"


async def test_a_function_that_writes_is_committed(postgresql: Db) -> None:
    harness, message = await _filled(postgresql)
    make = (
        "CREATE FUNCTION bump(k integer) RETURNS integer AS $$ UPDATE company SET price = price + 1 WHERE id = k "
        "RETURNING id $$ LANGUAGE sql"
    )
    await harness.run(_report(postgresql, make), message)
    call = "<sql>select bump(?)</sql><parameter value='1' type='INTEGER'/><result name='id' column='1'/>"
    look = "<sql>SELECT price FROM company WHERE id = 1</sql><result name='p' column='1'/>"
    await harness.run(_lookup(postgresql, call, look), message)
    assert (message.properties["id"], message.properties["p"]) == ("1", "101.5")


# ------------------------------------------------------------------ where the database is


async def test_a_data_source_of_the_configuration(sqlite: Db) -> None:
    harness, message = await _filled(sqlite)
    harness.snapshot.datasource = {"shop": {"url": sqlite.url, "maxactive": 2}}.get
    xml = (
        "<dblookup><connection><pool><dsName>shop</dsName></pool></connection><statement>"
        "<sql>SELECT name FROM company WHERE id = 1</sql><result name='n' column='1'/></statement></dblookup>"
    )
    await harness.run(xml, message)
    assert message.properties["n"] == "IBM"


async def test_a_url_that_cannot_be_used_may_have_another_in_its_place(sqlite: Db) -> None:
    harness, message = await _filled(sqlite)
    derby = "jdbc:derby://localhost:1527/esbdb;create=false"
    harness.snapshot.datasource = {derby: {"url": sqlite.url}}.get
    pool = f"<pool><driver>d</driver><url>{derby}</url><user>esb</user><password>esb</password></pool>"
    xml = (
        f"<dblookup><connection>{pool}</connection><statement><sql>SELECT name FROM company WHERE id = 1</sql>"
        "<result name='n' column='1'/></statement></dblookup>"
    )
    [problem] = harness.problems(f"\n{xml}")
    assert problem.startswith(
        "2:23: warning[no-effect]: <pool>: this database cannot be used: Derby is a database of the JVM"
    )
    [sequence] = Harness(f'<sequence name="s">{xml}</sequence>').snapshot.artifacts()
    message.env = harness.snapshot
    assert await sequence.mediate(message) is True  # type: ignore[attr-defined]  # it is a sequence
    assert message.properties["n"] == "IBM"


async def test_settings_may_be_entries(sqlite: Db) -> None:
    await _filled(sqlite)
    harness = Harness(f'<localEntry key="db-url">{sqlite.url}</localEntry>')
    message = harness.message()
    xml = (
        "<dblookup><connection><pool><driver/><url key='db-url'/><user/><password/></pool></connection><statement>"
        "<sql>SELECT name FROM company WHERE id = 1</sql><result name='n' column='1'/></statement></dblookup>"
    )
    await harness.run(xml, message)
    assert message.properties["n"] == "IBM"


async def test_a_password_may_be_a_secret(postgresql: Db, monkeypatch: pytest.MonkeyPatch) -> None:
    harness = Harness()
    monkeypatch.setattr(harness.snapshot, "secret", {"pg": postgresql.password}.get)
    for given in ("wso2:vault-lookup('pg')", "{wso2:vault-lookup('pg')}"):
        message = harness.message()
        database = Db(postgresql.url, postgresql.user, given)
        await harness.run(_lookup(database, "<sql>SELECT 7</sql><result name='x' column='1'/>"), message)
        assert message.properties["x"] == "7"
    unknown = Db(postgresql.url, postgresql.user, "wso2:vault-lookup('none')")
    with pytest.raises(Fault, match="there is no secret 'none'"):
        await harness.run(_lookup(unknown, "<sql>SELECT 7</sql>"), harness.message())


# ------------------------------------------------------------------ what goes wrong


def _one(url: str, sql: str = "SELECT 1", extra: str = "") -> str:
    pool = f"<pool><url>{url}</url>{extra}</pool>"
    return f"<dblookup><connection>{pool}</connection><statement><sql>{sql}</sql></statement></dblookup>"


async def test_errors_of_the_database_are_faults_that_keep_its_words_from_clients(database: Db) -> None:
    harness, message = await _filled(database)
    with pytest.raises(Fault, match="refused the statement") as raised:
        await harness.run(_lookup(database, "<sql>SELECT nothing FROM company</sql>"), message)
    assert "nothing" in raised.value.detail
    assert "nothing" not in raised.value.message
    assert raised.value.path


async def test_a_column_that_is_not_there_is_named(sqlite: Db) -> None:
    harness, message = await _filled(sqlite)
    for column in ("nam", "9", "0", "99999999999999999999"):
        xml = _lookup(sqlite, f"<sql>SELECT id, name FROM company</sql><result name='x' column='{column}'/>")
        with pytest.raises(Fault, match=f"no column '{column}'; it has id, name"):
            await harness.run(xml, message)


async def test_a_server_that_is_not_there(postgresql_server: Db) -> None:
    harness = Harness()
    url = "jdbc:postgresql://127.0.0.1:1/db"
    xml = _one(url, extra="<user>u</user><password>hunter2</password>")
    with pytest.raises(Fault, match=r"postgresql://127\.0\.0\.1:1/db cannot be reached") as raised:
        await harness.run(xml, harness.message())
    assert "hunter2" not in raised.value.message + raised.value.detail


async def test_a_wrong_password_is_not_shown(postgresql_server: Db) -> None:
    harness = Harness()
    xml = _one(postgresql_server.url, extra="<user>tester</user><password>hunter2</password>")
    with pytest.raises(Fault, match="cannot be reached") as raised:
        await harness.run(xml, harness.message())
    assert "hunter2" not in raised.value.message + raised.value.detail


async def test_an_unknown_data_source_names_the_setting() -> None:
    harness = Harness()
    xml = _one("x").replace("<url>x</url>", "<dsName>jdbc/Shop</dsName>")
    with pytest.raises(Fault, match=r"no data source 'jdbc/Shop'. Give it under 'datasources' in myelin.yaml"):
        await harness.run(xml, harness.message())


async def test_a_data_source_without_a_url() -> None:
    harness = Harness()
    harness.snapshot.datasource = {"d": {"user": "u"}}.get
    with pytest.raises(Fault, match=r"the data source 'd' in myelin\.yaml has no 'url'"):
        await harness.run(_one("x").replace("<url>x</url>", "<dsName>d</dsName>"), harness.message())


async def test_a_value_of_another_type_is_a_fault_before_the_database_is_asked() -> None:
    harness = Harness()
    xml = _one("jdbc:sqlite::memory:", "SELECT ?").replace(
        "</sql>", "</sql><parameter expression=\"json-eval($.a)\" type='INTEGER'/>"
    )
    with pytest.raises(Fault, match=r"the SQL parameter json-eval\(\$.a\) is no value of the type INTEGER"):
        await harness.run(xml, harness.message(b'{"a": "secret"}'))


def test_without_the_library_it_is_an_error_at_load(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlalchemy", None)
    [problem] = Harness().problems(_one("jdbc:sqlite:x"))
    assert problem.endswith(
        "error[unsupported]: <connection>: databases need SQLAlchemy. Install it: pip install 'myelin[db]'"
    )


def test_without_the_driver_a_warning_at_load_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    [problem] = Harness().problems(_one("jdbc:mysql://h/d"))
    assert problem.endswith(
        "warning[no-effect]: <pool>: the driver of this database is not installed. "
        "Install it: pip install 'myelin[mysql]'"
    )


async def test_without_the_driver_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pymysql", None)
    harness = Harness('<localEntry key="u">jdbc:mysql://h/d</localEntry>')
    xml = _one("").replace("<url></url>", '<url key="u"/>')
    with pytest.raises(Fault, match=r"the driver 'pymysql' .* pip install 'myelin\[mysql\]'"):
        await harness.run(xml, harness.message())


@pytest.mark.parametrize(
    ("xml", "problem"),
    [
        ("<dblookup/>", "error[missing-element]: <dblookup> needs <connection>."),
        ("<dblookup><connection/></dblookup>", "error[missing-element]: <connection> needs <pool>."),
        (
            "<dblookup><connection><pool/></connection></dblookup>",
            "error[missing-element]: <pool>: it needs <dsName> or <url>.",
        ),
        (_one("jdbc:sqlite:x", "SELECT ?, ?"), "error[bad-value]: <statement>: the SQL has 2 '?' and 0 <parameter>."),
        (_one("jdbc:sqlite:x", " ; "), "error[missing-text]: <statement>: the SQL is empty."),
        (
            _one("jdbc:sqlite:x", "SELECT ?").replace("</sql>", "</sql><parameter type='INTEGER'/>"),
            "error[one-of]: <parameter>: it needs value= or expression=.",
        ),
        (
            _one("jdbc:sqlite:x", "SELECT ?").replace("</sql>", "</sql><parameter value='1' type='BLOB'/>"),
            "error[bad-choice]: 'BLOB' is not one of CHAR, VARCHAR,",
        ),
        (
            _one("jdbc:h2:mem:x"),
            "warning[no-effect]: <pool>: this database cannot be used: H2 is a database of the JVM",
        ),
    ],
)
def test_mistakes_are_problems_at_load(xml: str, problem: str) -> None:
    [found] = Harness().problems(f"\n{xml}")
    assert problem in found
