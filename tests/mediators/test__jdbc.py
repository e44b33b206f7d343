from __future__ import annotations

import pytest

from engine.mediators._jdbc import JdbcError, Target, parse


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("jdbc:sqlite:a/b.db", Target("sqlite", database="a/b.db")),
        ("jdbc:sqlite::memory:", Target("sqlite")),
        ("jdbc:sqlite:", Target("sqlite")),
        ("jdbc:postgresql://h:5433/db", Target("postgresql+psycopg", "h", 5433, "db")),
        (
            "jdbc:postgresql://h/d%20b?ssl=true&x=1",
            Target("postgresql+psycopg", "h", None, "d b", {"sslmode": "require"}),
        ),
        (
            "jdbc:postgresql://h/db?sslmode=verify-full",
            Target("postgresql+psycopg", "h", None, "db", {"sslmode": "verify-full"}),
        ),
        ("jdbc:postgresql://[::1]:1/db", Target("postgresql+psycopg", "::1", 1, "db")),
        ("jdbc:mysql://localhost:3306/esb?useSSL=false&amp;x=y", Target("mysql+pymysql", "localhost", 3306, "esb")),
        ("jdbc:mariadb:///esb", Target("mysql+pymysql", "localhost", None, "esb")),
        ("jdbc:sqlserver://h:1433;databaseName=db;encrypt=true", Target("mssql+pymssql", "h", 1433, "db")),
        ("jdbc:sqlserver://h\\inst;database=db", Target("mssql+pymssql", "h", None, "db")),
        ("jdbc:oracle:thin:@//h:1521/svc", Target("oracle+oracledb", "h", 1521, None, {"service_name": "svc"})),
        ("jdbc:oracle:thin:@h:1521:sid", Target("oracle+oracledb", "h", 1521, "sid")),
        (" sqlite:///x.db ", Target(url="sqlite:///x.db")),
    ],
)
def test_where_urls_lead(url: str, target: Target) -> None:
    assert parse(url) == target


@pytest.mark.parametrize(
    ("url", "error"),
    [
        ("jdbc:h2:../testdb;AUTO_SERVER=TRUE", "H2 is a database of the JVM"),
        ("jdbc:derby://localhost:1527/esbdb;create=false", "Derby is a database of the JVM"),
        ("jdbc:hsqldb:mem:x", "HSQLDB is a database of the JVM"),
        ("jdbc:db2://h/db", "'jdbc:db2' is not known; known are mariadb, mysql, oracle"),
        ("jdbc:postgresql:db", "expected jdbc:postgresql://HOST:PORT/DATABASE"),
        ("jdbc:oracle:oci:@x", "expected jdbc:oracle:thin:"),
        ("jdbc:sqlserver:x", "expected jdbc:sqlserver://"),
        ("$url", "it is no database URL"),
        ("", "it is no database URL"),
    ],
)
def test_urls_that_lead_nowhere(url: str, error: str) -> None:
    with pytest.raises(JdbcError) as raised:
        parse(url)
    assert error in str(raised.value)


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("jdbc:postgresql://h:1/db?user=u&password=p", "postgresql://h:1/db"),
        ("postgresql://u:p@h/db?password=p", "postgresql://h/db"),
        ("jdbc:sqlite:x.db", "sqlite:///x.db"),
    ],
)
def test_names_for_messages_hold_no_credentials(url: str, name: str) -> None:
    assert parse(url).name == name
