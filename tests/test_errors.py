from __future__ import annotations

import pytest

from engine.errors import (
    ErrorCode,
    Fault,
    Problem,
    Problems,
    TransportError,
    Where,
    did_you_mean,
    with_article,
)

HERE = Where("flows/orders.xml", 12, 5)


def test_where_counts_from_one_and_prints_as_editors_read_it() -> None:
    assert str(HERE) == "flows/orders.xml:12:5"
    assert str(Where("a.xml")) == "a.xml:1:1"


def test_wheres_sort_by_file_line_column() -> None:
    places = [Where("b.xml", 1, 1), Where("a.xml", 10, 1), Where("a.xml", 9, 7), Where("a.xml", 9, 2)]
    assert [str(place) for place in sorted(places)] == ["a.xml:9:2", "a.xml:9:7", "a.xml:10:1", "b.xml:1:1"]


@pytest.mark.parametrize(
    ("problem", "text"),
    [
        (
            Problem("unknown-mediator", HERE, "<lgo> is not a mediator.", "Did you mean 'log'?"),
            "flows/orders.xml:12:5: error[unknown-mediator]: <lgo> is not a mediator. Did you mean 'log'?",
        ),
        (
            Problem("unknown-attribute", HERE, "<log> has no attribute 'x'; it is ignored.", severity="warning"),
            "flows/orders.xml:12:5: warning[unknown-attribute]: <log> has no attribute 'x'; it is ignored.",
        ),
    ],
)
def test_problem_prints_place_severity_code_text_and_hint(problem: Problem, text: str) -> None:
    assert str(problem) == text


def test_problems_keep_their_order_and_know_whether_one_is_an_error() -> None:
    problems = Problems()
    assert (len(problems), problems.has_errors) == (0, False)
    problems.warning("w", HERE, "W.")
    assert not problems.has_errors
    problems.error("e", HERE, "E.", "Hint.")
    problems.extend([Problem("f", HERE, "F.")])
    assert problems.has_errors
    assert [(each.code, each.severity, each.hint) for each in problems] == [
        ("w", "warning", ""),
        ("e", "error", "Hint."),
        ("f", "error", ""),
    ]


@pytest.mark.parametrize(
    ("word", "known", "hint"),
    [
        ("lgo", ["log", "call", "filter"], "Did you mean 'log'?"),
        ("repond", ["respond", "send"], "Did you mean 'respond'?"),
        ("FOREACH", ["foreach", "filter"], "Did you mean 'foreach'?"),
        ("backend", ["backEnd"], "Did you mean 'backEnd'?"),
        ("zzz", ["log", "call"], ""),
        ("log", [], ""),
    ],
)
def test_did_you_mean_names_the_nearest(word: str, known: list[str], hint: str) -> None:
    assert did_you_mean(word, known) == hint


def test_fault_carries_what_the_flow_reads() -> None:
    fault = Fault("no subject", code="PARAM", detail="at subject", status=400, details={"parameter": "subject"})
    assert str(fault) == fault.message == "no subject"
    assert (fault.code, fault.detail, fault.status) == ("PARAM", "at subject", 400)
    assert fault.details == {"parameter": "subject"}


def test_fault_defaults() -> None:
    fault = Fault("x")
    assert (fault.code, fault.detail, fault.status, fault.details, fault.path) == (0, "", 500, {}, [])


def test_details_are_copied_from_the_caller() -> None:
    given = {"parameter": "subject"}
    fault = Fault("x", details=given)
    given["parameter"] = "other"
    assert fault.details == {"parameter": "subject"}


def test_fault_path_reads_from_the_innermost_step_outwards() -> None:
    fault = Fault("x")
    assert fault.at() == ""
    fault.path += ["flows/a.xml:12:5 <call>", "inSequence", "proxy 'a'"]
    assert fault.at() == "flows/a.xml:12:5 <call> in inSequence in proxy 'a'"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (ErrorCode.TIMEOUT, 504),
        (ErrorCode.CONNECT_TIMEOUT, 504),
        (ErrorCode.SENDING, 502),
        (ErrorCode.RECEIVING, 502),
        (ErrorCode.CONNECTION_FAILED, 502),
        (ErrorCode.CONNECTION_CLOSED, 502),
        (ErrorCode.PROTOCOL_VIOLATION, 502),
        (ErrorCode.ENDPOINT_SUSPENDED, 502),
    ],
)
def test_transport_errors_answer_504_for_timeouts_and_502_else(code: int, status: int) -> None:
    error = TransportError("no answer", code=code, detail="after 10 s")
    assert isinstance(error, Fault)
    assert (error.code, error.status, error.detail) == (code, status, "after 10 s")


def test_error_codes_are_those_of_synapse() -> None:
    # https://github.com/wso2/wso2-synapse SynapseConstants and passthru ErrorCodes.
    codes = {name: value for name, value in vars(ErrorCode).items() if name.isupper()}
    assert codes == {
        "DEFAULT": 0,
        "CLIENT_SENDING": 101000,
        "CLIENT_RECEIVING": 101001,
        "SENDING": 101500,
        "RECEIVING": 101501,
        "CONNECTION_FAILED": 101503,
        "TIMEOUT": 101504,
        "CONNECTION_CLOSED": 101505,
        "PROTOCOL_VIOLATION": 101506,
        "CONNECT_CANCELLED": 101507,
        "CONNECT_TIMEOUT": 101508,
        "BAD_RESPONSE": 101510,
        "NO_ENDPOINT_READY": 303000,
        "ENDPOINT_SUSPENDED": 303001,
        "WSDL_ENDPOINT_SUSPENDED": 303002,
        "OAUTH": 303003,
        "LOAD_BALANCE_FAILED_OVER": 303100,
        "FAILED_OVER": 304100,
        "INDIRECT_NOT_READY": 305100,
        "SESSION_NOT_READY": 309001,
        "SESSION_INVALID": 309002,
        "SESSION_FAILED": 309003,
        "CALLOUT": 401000,
        "BLOCKING_CALL": 401001,
        "BLOCKING_SENDER": 401002,
        "NON_BLOCKING_CALL": 401003,
        "SOAP_FAULT": 500000,
        "MISSING_PARAMETER": 500101,
        "BAD_PAYLOAD": 601000,
    }


def test_problems_can_be_rewritten() -> None:
    problems = Problems()
    problems.error("bad-value", Where("a.xml"), "'s3cret' is not a number.", "Not s3cret.")
    problems.mask(lambda text: text.replace("s3cret", "***"))
    assert [(each.message, each.hint) for each in problems] == [("'***' is not a number.", "Not ***.")]


@pytest.mark.parametrize("shown", ["a proxy", "an api", "an inbound endpoint", "a local entry"])
def test_the_article_of_a_noun(shown: str) -> None:
    assert with_article(shown.partition(" ")[2]) == shown


def no_connection() -> None:
    try:
        raise OSError("refused")
    except OSError as error:
        raise Fault("no connection") from error


def test_a_fault_lets_the_frames_go_of_all_that_it_came_of() -> None:
    with pytest.raises(Fault, match="no connection") as caught:
        no_connection()
    fault = caught.value
    assert fault.__traceback__ is not None
    fault.let_go()
    assert (fault.__traceback__, fault.__context__, fault.__cause__) == (None, None, None)
