from __future__ import annotations

from typing import Any

import pytest

from engine.declare.build import Builder, Reference
from engine.declare.catalog import Catalog
from engine.declare.convert import Duration
from engine.declare.fields import (
    attr,
    element,
)
from engine.declare.spec import SYNAPSE, FieldSpec, Node, Spec
from engine.expressions.dynamic import Value
from engine.source import Source
from tests.declare.declared import (
    Attributes,
    Author,
    Branches,
    Choosy,
    Format,
    Ftp,
    Http,
    Many,
    Open,
    OptionalText,
    Parts,
    Picky,
    Places,
    Ruled,
    Step,
    Texts,
    built,
    make,
)

# ---------------------------------------------------------------- values


def test_attributes() -> None:
    node = make(
        Attributes,
        '<attributes word=" x " mode="slow" count="7" on="TRUE" wait="1500" expression="$ctx:a" value="{$ctx:b}"/>',
    )
    assert (node.word, node.mode, node.count, node.on, node.wait) == (" x ", "Slow", 7, True, 1.5)
    assert (node.expression.source, node.value.is_static) == ("$ctx:a", False)
    assert str(node.where) == "f:1:1"


def test_attributes_left_out_have_their_defaults() -> None:
    node = make(Attributes, '<attributes word=""/>')
    assert (node.word, node.mode, node.count, node.on, node.wait, node.key) == ("", "fast", 1, False, None, None)


def test_texts() -> None:
    node = make(Texts, "<texts> a <note> b </note><number>\n 7 </number></texts>")
    assert (node.content, node.note, node.number) == (" a ", " b ", 7)
    assert make(OptionalText, "<optional> </optional>").condition is None
    assert make(OptionalText, "<optional>\n $ctx:a </optional>").condition.source == "$ctx:a"


def test_parts() -> None:
    node = make(Parts, "<parts><pair name='a'/><first name='f'/><pair name='b'/><needed name='n'/></parts>")
    assert node.first.name == "f"
    assert [pair.name for pair in node.pairs] == ["a", "b"]
    assert str(node.pairs[1].where) == "f:1:41"


@pytest.mark.parametrize(
    ("inside", "then", "steps"),
    [
        ("", None, []),
        ("<then/>", [], []),
        ("<then><step name='a'/></then><step name='b'/>", ["a"], ["b"]),
        ("<step name='a'/><description>no step</description><step name='b'/>", None, ["a", "b"]),
    ],
)
def test_bodies(inside: str, then: list[str] | None, steps: list[str]) -> None:
    node = make(Branches, f'<branches xmlns="{SYNAPSE}">{inside}</branches>')
    assert (None if node.then is None else [each.name for each in node.then]) == then
    assert [each.name for each in node.steps] == steps


def test_slots() -> None:
    assert isinstance(make(Places, "<places><http uri='u'/></places>").place, Http)
    places = make(Many, "<many><http uri='u'/><ftp/><http uri='v'/></many>").places
    assert [type(place) for place in places] == [Http, Ftp, Http]
    assert make(Many, "<many/>").places == ()


def test_xml_of_the_author() -> None:
    assert [each.tag for each in make(Author, "<author><a/><b><c/></b></author>").all] == ["a", "b"]
    assert [each.tag for each in make(Format, "<format><raw><a/><b/></raw></format>").raw] == ["a", "b"]
    assert make(Format, "<format/>").raw == ()


def test_parameters_of_an_operation() -> None:
    fields = (
        FieldSpec("subject", "parameter", "subject", "Subject.", Value),
        FieldSpec("times", "parameter", "times", "Times.", Value, None),
    )
    arguments: dict[str, Any] = {}

    def construct(**given: Any) -> Node:
        arguments.update(given)
        step: Node = make(Step, "<step/>")  # any node does
        return step

    spec = Spec("demo.create", ("mediator",), "", "", "", "", fields, (), construct)
    _, problems, _ = built(spec, "<demo.create><subject>{$ctx:s}</subject></demo.create>")
    assert problems == []
    assert arguments["subject"].source == "{$ctx:s}"
    assert arguments["times"] is None
    _, problems, _ = built(spec, "<demo.create subject='{$ctx:s}'><times/></demo.create>")
    assert problems == []
    assert (arguments["subject"].source, arguments["times"].source) == ("{$ctx:s}", "")
    _, problems, _ = built(spec, "<demo.create><times/></demo.create>")
    assert problems == ["1:1: error[missing-element]: <demo.create> needs <subject>."]


@pytest.mark.parametrize(
    "attributes", ["description='d'", "trace='enable'", "statistics='enable'", "xmlns:p='u' p:x='1'"]
)
def test_what_every_element_takes(attributes: str) -> None:
    make(Step, f"<step {attributes}><description>text</description></step>")


# ---------------------------------------------------------------- problems


@pytest.mark.parametrize(
    ("declared", "xml", "problems"),
    [
        (Attributes, "<attributes/>", ["1:1: error[missing-attribute]: <attributes> needs the attribute 'word'."]),
        (
            Attributes,
            '<attributes\n word="x" mode="fsat"/>',
            ["2:17: error[bad-choice]: 'fsat' is not one of fast, Slow. Did you mean 'fast'?"],
        ),
        (Attributes, '<attributes word="x" count="x"/>', ["1:29: error[bad-value]: 'x' is not a whole number."]),
        (Attributes, '<attributes word="x" on="yes"/>', ["1:26: error[bad-value]: 'yes' is neither true nor false."]),
        (
            Attributes,
            """<attributes word="x" expression="$ctx:a'" value="{$ctx:a'}"/>""",
            [
                "1:34: warning[no-effect]: The text that starts with ' has no end, and it is left out.",
                "1:50: warning[no-effect]: The text that starts with ' has no end, and it is left out.",
            ],
        ),
        (
            Attributes,
            '<attributes word="x" wrod="y"/>',
            [
                "1:28: warning[unknown-attribute]: <attributes> has no attribute 'wrod'; it is ignored. "
                "Did you mean 'word'?"
            ],
        ),
        (
            Attributes,
            '<attributes word="x"><wrod/></attributes>',
            ["1:22: warning[unknown-element]: <wrod> is not known inside <attributes>; it is ignored."],
        ),
        (
            Attributes,
            '<attributes count="x" on="y" other="z"/>',
            [
                "1:1: error[missing-attribute]: <attributes> needs the attribute 'word'.",
                "1:20: error[bad-value]: 'x' is not a whole number.",
                "1:27: error[bad-value]: 'y' is neither true nor false.",
                "1:37: warning[unknown-attribute]: <attributes> has no attribute 'other'; it is ignored.",
            ],
        ),
        (Texts, "<texts> </texts>", ["1:1: error[missing-text]: <texts> needs text."]),
        (
            Texts,
            "<texts>a<number>\n x</number></texts>",
            ["2:2: error[bad-value]: 'x' is not a whole number."],
        ),
        (
            Texts,
            "<texts>a<note/>\n<note/></texts>",
            ["2:1: warning[repeated-element]: <texts> takes one <note> only; the first one counts."],
        ),
        (
            Texts,
            "<texts>a<nota/></texts>",
            ["1:9: warning[unknown-element]: <nota> is not known inside <texts>; it is ignored. Did you mean 'note'?"],
        ),
        (
            Parts,
            "<parts><first name='a'/><first name='b'/></parts>",
            [
                "1:25: warning[repeated-element]: <parts> takes one <first> only; the first one counts.",
                "1:1: error[missing-element]: <parts> needs <needed>.",
            ],
        ),
        (
            Parts,
            "<parts><needed name='n'/><pair/><pair nam='x'/></parts>",
            [
                "1:26: error[missing-attribute]: <pair> needs the attribute 'name'.",
                "1:33: error[missing-attribute]: <pair> needs the attribute 'name'.",
                "1:44: warning[unknown-attribute]: <pair> has no attribute 'nam'; it is ignored. Did you mean 'name'?",
            ],
        ),
        (Places, "<places/>", ["1:1: error[missing-element]: <places> needs an element of kind place."]),
        (
            Places,
            "<places><http uri='a'/><ftp/></places>",
            ["1:1: error[one-of]: <places> takes one place only."],
        ),
        (
            Places,
            "<places><htpt/><ftp/></places>",
            ["1:9: warning[unknown-element]: <htpt> is not known inside <places>; it is ignored. Did you mean 'http'?"],
        ),
        (Many, "<many><http/></many>", ["1:7: error[missing-attribute]: <http> needs the attribute 'uri'."]),
        (Picky, "<picky name='a/b'/>", ["1:1: error[bad-name]: <picky>: a name has no slash. Use '-'."]),
        (
            Ruled,
            "<ruled/>",
            [
                "1:1: error[one-of]: <ruled> needs exactly one of "
                "the attribute 'source', an element of kind place, text."
            ],
        ),
        (
            Ruled,
            "<ruled source='s' regex='r'>text</ruled>",
            [
                "1:1: error[one-of]: <ruled> needs exactly one of "
                "the attribute 'source', an element of kind place, text."
            ],
        ),
        (
            Ruled,
            "<ruled><ftp/>text</ruled>",
            [
                "1:1: error[one-of]: <ruled> needs exactly one of "
                "the attribute 'source', an element of kind place, text."
            ],
        ),
        (
            Ruled,
            "<ruled source='s'/>",
            ["1:1: error[requires]: <ruled> with the attribute 'source' also needs the attribute 'regex' or <note>."],
        ),
    ],
)
def test_problems(declared: type[Node], xml: str, problems: list[str]) -> None:
    node, found, _ = built(declared, xml)
    assert found == problems
    assert (node is None) == any(" error[" in problem for problem in problems)


@pytest.mark.parametrize(
    "xml",
    [
        "<ruled source='s' regex='r'/>",
        "<ruled source='s'><note>n</note></ruled>",
        "<ruled><ftp/></ruled>",
        "<ruled regex='r'>text</ruled>",
    ],
)
def test_rules_kept(xml: str) -> None:
    make(Ruled, xml)


@pytest.mark.parametrize(
    ("xml", "problems"),
    [
        ("<choosy/>", []),
        ("<choosy a='x'/>", []),
        (f"<choosy xmlns='{SYNAPSE}'><step/></choosy>", []),
        (
            f"<choosy a='x' xmlns='{SYNAPSE}'><step/></choosy>",
            ["1:1: error[one-of]: <choosy> needs at most one of the attribute 'a', mediators."],
        ),
    ],
)
def test_an_optional_choice(xml: str, problems: list[str]) -> None:
    assert built(Choosy, xml)[1] == problems


@pytest.mark.parametrize(
    ("attribute", "place"),
    [
        ('expression=""', "1:39"),
        ('expression="  "', "1:41"),
        ('expression="json-eval($.a"', "1:52"),
        ('value="{}}"', "1:35"),
    ],
)
def test_a_bad_expression_is_shown_at_its_first_wrong_character(attribute: str, place: str) -> None:
    _, problems, _ = built(Attributes, f'<attributes word="é&amp;" {attribute}/>')
    assert [problem.partition(": error[bad-expression]: ")[0] for problem in problems] == [place]


def test_open_content_takes_anything() -> None:
    make(Open, "<open><x/><y><z/></y></open>")


# ---------------------------------------------------------------- mediators

START = f'<branches xmlns="{SYNAPSE}">'


@pytest.mark.parametrize(
    ("inside", "problem"),
    [
        ("<setp/>", "error[unknown-mediator]: <setp> is not a mediator. Did you mean 'step'?"),
        ("<qqqqq/>", "error[unknown-mediator]: <qqqqq> is not a mediator."),
        ("<http/>", "error[unknown-mediator]: <http> is not a mediator."),
        (
            "<demo.craete/>",
            "error[unknown-mediator]: The connector 'demo' has no operation 'craete'. Did you mean 'create'?",
        ),
        ("<dmeo.create/>", "error[unknown-mediator]: There is no connector 'dmeo'. Did you mean 'demo'?"),
        ("<salesforce.query/>", "error[unknown-mediator]: There is no connector 'salesforce'. Connectors found: demo."),
        (
            "<step xmlns='urn:x'/>",
            f'error[wrong-namespace]: <step> is not in the Synapse namespace. Use xmlns="{SYNAPSE}".',
        ),
        (
            "<step xmlns=''/>",
            f'error[wrong-namespace]: <step> is not in the Synapse namespace. Use xmlns="{SYNAPSE}".',
        ),
    ],
)
def test_what_is_no_mediator(inside: str, problem: str) -> None:
    node, problems, _ = built(Branches, f"{START}\n {inside}<step/></branches>")
    assert problems == [f"2:2: {problem}"]
    assert node is None


def test_without_any_connector_none_is_named() -> None:
    _, problems, _ = built(Branches, f"{START}<a.b/></branches>", Catalog([Step.spec]))
    assert problems == [
        f"1:{len(START) + 1}: error[unknown-mediator]: There is no connector 'a'. Connectors found: none."
    ]


def test_all_problems_of_a_body_are_shown() -> None:
    _, problems, _ = built(Branches, f"{START}\n<a1/><then>\n<b1/></then>\n<step x='1'/></branches>")
    assert [problem.split(": ")[:2] for problem in sorted(problems)] == [
        ["2:1", "error[unknown-mediator]"],
        ["3:1", "error[unknown-mediator]"],
        ["4:10", "warning[unknown-attribute]"],
    ]


# ---------------------------------------------------------------- references


@pytest.mark.parametrize(
    ("attributes", "references"),
    [
        ("", []),
        ("key='main'", [("sequence", "main", "1:27")]),
        ("key='{$ctx:name}'", []),
        ("key=''", []),
        ("plainKey='there'", [("endpoint", "there", "1:32")]),
        ("key='a' plainKey='b'", [("sequence", "a", "1:27"), ("endpoint", "b", "1:40")]),
    ],
)
def test_static_names_are_for_the_linker(attributes: str, references: list[tuple[str, str, str]]) -> None:
    _, problems, builder = built(Attributes, f"<attributes word='x' {attributes}/>")
    assert problems == []
    found = [(each.kind, each.name, str(each.where).removeprefix("f:")) for each in builder.references]
    assert found == references
    assert all(isinstance(each, Reference) for each in builder.references)


# ---------------------------------------------------------------- reading the body


@pytest.mark.parametrize(
    ("declared", "xml", "reads"),
    [
        (Attributes, "<attributes word='x'/>", False),
        (Attributes, "<attributes word='x' expression='$ctx:a'/>", False),
        (Attributes, "<attributes word='x' expression='json-eval($.a)'/>", True),
        (Attributes, "<attributes word='x' value='{//a}'/>", True),
        (Attributes, "<attributes word='x' value='json-eval($.a)'/>", False),
        (Parts, "<parts><needed name='n'/><pair name='a' expression='$body/a'/></parts>", True),
        (Parts, "<parts><needed name='n' expression='json-eval($)'/></parts>", True),
        (Parts, "<parts><needed name='n' expression='$trp:x'/></parts>", False),
    ],
)
def test_who_reads_the_body(declared: type[Node], xml: str, reads: bool) -> None:
    assert make(declared, xml).reads_body == reads


def test_a_container_reads_no_body_for_its_steps() -> None:
    @element("reading", kind="mediator")
    class Reading(Node):
        """Reads."""

        reads_body = True

        async def mediate(self, message: object) -> bool:
            return True

    catalog = Catalog([Reading.spec])
    node, problems, _ = built(Branches, f"{START}<reading/></branches>", catalog)
    assert problems == []
    assert node.steps[0].reads_body
    assert not node.reads_body


@element("waits")
class Waits(Node):
    """Times."""

    needed: Duration = attr("Needed.")
    maybe: Duration | None = attr("Not needed.", default=None)
    zero: Duration = attr("With a default.", default=Duration(0.0))


def test_minus_one_is_no_duration_as_editors_write_it() -> None:
    builder = Builder(Catalog())
    source = Source("t.xml", f'<waits xmlns="{SYNAPSE}" needed="5" maybe="-1" zero="-1"/>'.encode())
    node = builder.node(Waits.spec, source.parse())
    assert isinstance(node, Waits)
    assert (node.needed, node.maybe, node.zero) == (0.005, None, 0.0)
    builder.node(Waits.spec, Source("t.xml", f'<waits xmlns="{SYNAPSE}" needed="-1"/>'.encode()).parse())
    assert [(problem.code, problem.message) for problem in builder.problems] == [
        ("bad-value", "'-1' says that there is no value, and one is needed.")
    ]
