"""Files with unit tests: found, read, and told what is wrong with them."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from engine.source import SourceError
from engine.testing.unit_suite import Case, Mock, Property, find, read

NAMESPACE = 'xmlns="http://ws.apache.org/ns/synapse"'
SEQUENCE = f'<sequence {NAMESPACE} name="s"><drop/></sequence>'
ARTIFACTS = f"<artifacts><test-artifact><artifact>{SEQUENCE}</artifact></test-artifact></artifacts>"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("main").mkdir()
    Path("test").mkdir()
    Path("main/s.xml").write_text(SEQUENCE)
    return tmp_path


def written(text: str) -> Path:
    file = Path("test/a.xml")
    file.write_text(f"<unit-test>{text}</unit-test>")
    return file


def test_all_in_place(project: Path) -> None:
    suite = read(
        written(f"""{ARTIFACTS}
<test-cases><test-case name="one">
  <input>
    <request-path>/a?b=c</request-path><request-method>post</request-method>
    <payload><![CDATA[ {{"a": 1}} ]]></payload>
    <properties><property name="p" value="v"/><property name="h" value="w" scope="transport"/></properties>
  </input>
  <assertions>
    <assertEquals><actual> $body </actual><expected><a><b/></a></expected><message>no</message></assertEquals>
    <assertNotNull><actual>$ctx:x</actual></assertNotNull>
  </assertions>
</test-case></test-cases>
<mock-services><mock-service>
  <service-name>E</service-name><port>9</port><context>/c/</context>
  <resources><resource>
    <sub-context>/d</sub-context><method>put</method>
    <request><headers><header name="A" value="B"/></headers><payload>x</payload></request>
    <response>
      <status-code>201</status-code><headers><header name="C" value="D"/></headers><payload>y</payload>
    </response>
  </resource></resources>
</mock-service></mock-services>""")
    )
    [case] = suite.cases
    assert case == Case(
        case.where,
        "one",
        "/a?b=c",
        "POST",
        '{"a": 1}',
        (Property("p", "default", "v"), Property("h", "transport", "w")),
        case.assertions,
    )
    told = [(each.where.line, each.actual, each.expected, each.message) for each in case.assertions]
    assert told == [(9, "$body", "<a><b/></a>", "no"), (10, "$ctx:x", None, "")]
    assert suite.mocks == [Mock("9", "/c/d", "PUT", (("A", "B"),), "x", 201, (("C", "D"),), "y")]
    assert [artifact.tag for artifact in suite.artifacts] == ["sequence"]


def test_files_of_the_project(project: Path) -> None:
    Path("main/c.zip").write_bytes(b"zip")
    Path("main/r.txt").write_text("resource")
    Path("test/m.xml").write_text(
        "<mock-service><resources><resource><sub-context>/x</sub-context><response/></resource></resources></mock-service>"
    )
    inline = base64.b64encode(b"other").decode()
    suite = read(
        written(f"""<artifacts>
<test-artifact><artifact>/main/s.xml</artifact></test-artifact>
<supportive-artifacts><artifact>main/s.xml</artifact></supportive-artifacts>
<registry-resources>
  <registry-resource><file-name>r.txt</file-name><artifact>/main/r.txt</artifact>
    <registry-path>/_system/governance/f</registry-path><media-type>text/plain</media-type></registry-resource>
  <registry-resource><file-name>i.xml</file-name><artifact><i/></artifact>
    <registry-path>/_system/config</registry-path></registry-resource>
</registry-resources>
<connector-resources>
  <connector-resource>/main/c.zip</connector-resource><connector-resource>{inline}</connector-resource>
</connector-resources>
</artifacts>
<mock-services><mock-service>m.xml</mock-service></mock-services>""")
    )
    assert [artifact.source.file for artifact in suite.artifacts] == ["main/s.xml", "main/s.xml"]
    assert suite.resources == {"gov:f/r.txt": b"resource", "conf:i.xml": b"<i/>"}
    assert suite.connectors == {"c.zip": b"zip", "connector-at-line-11.zip": b"other"}
    assert suite.mocks == [Mock("", "/x", "GET", (), None, 200, (), "")]
    assert suite.cases == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "test/a.xml:1:1: error[bad-unit-test]: <unit-test> needs <artifacts>."),
        ("<artifacts/>", "test/a.xml:1:12: error[bad-unit-test]: <artifacts> needs <test-artifact>."),
        (
            "<artifacts><test-artifact><artifact>/no.xml</artifact></test-artifact></artifacts>",
            "test/a.xml:1:38: error[bad-unit-test]: There is no file '/no.xml', neither beside the test nor in a "
            "folder above it. Paths begin at the project's folder.",
        ),
        (
            f"{ARTIFACTS}\n<test-cases><test-case><assertions><assertTrue/></assertions></test-case></test-cases>",
            "test/a.xml:2:36: error[bad-unit-test]: <assertTrue> is no assertion. "
            "There is <assertEquals> and <assertNotNull>.",
        ),
        (
            f"{ARTIFACTS}\n<mock-services><mock-service><resources><resource><response><status-code>99</status-code>"
            "</response></resource></resources></mock-service></mock-services>",
            "test/a.xml:2:51: error[bad-unit-test]: '99' is no status of an answer. Write one from 200 to 599.",
        ),
        (
            "<artifacts><test-artifact><artifact>/main/s.xml</artifact></test-artifact>\n"
            "<connector-resources><connector-resource>no.zip</connector-resource></connector-resources></artifacts>",
            "test/a.xml:2:22: error[bad-unit-test]: There is no such file, and it is no base64. "
            "Name the zip of the connector.",
        ),
        (
            "<artifacts>",
            "test/a.xml:1:23: error[not-xml]: Not XML: </unit-test> does not end <artifacts>. "
            "<artifacts> of test/a.xml:1:12 is still open.",
        ),
    ],
)
def test_mistakes(project: Path, text: str, problem: str) -> None:
    with pytest.raises(SourceError) as raised:
        read(written(text))
    assert str(raised.value) == problem


def test_another_file(project: Path) -> None:
    with pytest.raises(SourceError) as raised:
        read(Path("main/s.xml"))
    assert str(raised.value) == (
        "main/s.xml:1:1: error[bad-unit-test]: <sequence> is no unit test. It begins with <unit-test>."
    )


def test_found_beneath_a_folder(project: Path) -> None:
    file = written(ARTIFACTS)
    for hidden in (".git", "target"):
        Path(hidden).mkdir()
        Path(hidden, "a.xml").write_text("<unit-test></unit-test>")
    assert find([Path()]) == [file]
    assert find([Path("main/s.xml"), file, Path("test")]) == [Path("main/s.xml"), file]
    with pytest.raises(FileNotFoundError, match="there is no folder or file 'nowhere'"):
        find([Path("nowhere")])
