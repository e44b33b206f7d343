"""The grammar of XPath 1.0: checks an expression with exact offsets and finds what the engine must supply.

libxml2 evaluates expressions but says neither where a mistake is nor what an expression needs, so this parser does:
which variables and functions are used, whether the payload is looked into, and which expressions are so simple that
libxml2 is not needed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.errors import Fault, did_you_mean
from engine.expressions import variables
from engine.expressions.base import ExpressionError
from engine.expressions.functions import FUNCTIONS
from engine.expressions.functions import properties as property_functions
from engine.expressions.variables import Reader
from engine.expressions.xpath_atoms import Atom, Concat, Constant, Read
from engine.expressions.xpath_lexer import Token, tokenize

MAX_DEPTH = 64
"""Levels of parentheses, predicates and function calls."""

_MANY = 1 << 30
_CORE: Mapping[str, tuple[int, int]] = {
    **dict.fromkeys(("last", "position", "true", "false"), (0, 0)),
    **dict.fromkeys(("count", "id", "boolean", "not", "lang", "sum", "floor", "ceiling", "round"), (1, 1)),
    **dict.fromkeys(("local-name", "namespace-uri", "name", "string", "string-length", "normalize-space"), (0, 1)),
    "number": (0, 1),
    **dict.fromkeys(("starts-with", "contains", "substring-before", "substring-after"), (2, 2)),
    "substring": (2, 3),
    "translate": (3, 3),
    "concat": (2, _MANY),
}
"""The functions of XPath 1.0 and how many arguments they take."""

_REFUSED: Mapping[str, str] = {
    "document": "An expression reads no files and no addresses; keep the document in a local entry or the registry.",
    "evaluate": "Write the expression itself in place of its text.",
}
"""Functions of the reference that are left out, and what to do."""

_NODE_TYPES = frozenset({"text", "node", "comment", "processing-instruction"})
_OPERATORS = frozenset({"and", "or", "div", "mod", "=", "!=", "<", "<=", ">", ">=", "+", "-", "*"})
_AXES = (
    "child",
    "descendant",
    "parent",
    "ancestor",
    "following-sibling",
    "preceding-sibling",
    "following",
    "preceding",
    "attribute",
    "namespace",
    "self",
    "descendant-or-self",
    "ancestor-or-self",
)


@dataclass(frozen=True, slots=True)
class Binding:
    """A piece of the text that becomes a bound variable. ``from_body``: its nodes are part of the payload."""

    start: int
    end: int
    read: Reader
    from_body: bool


@dataclass(slots=True)
class Analysis:
    """What an expression needs. ``atom`` evaluates it without libxml2, None when that takes libxml2."""

    reads_body: bool = False
    atom: Atom | None = None
    bindings: list[Binding] = field(default_factory=list)
    functions: set[str] = field(default_factory=set)
    end: int = 0
    """Where the expression is over: before the end of its text when a quote has no partner."""
    renamed: list[tuple[Token, str]] = field(default_factory=list)
    """What libxml2 must not see as it is, and what it gets: functions with a prefix get the name without one."""


def unended(text: str, position: int) -> str:
    """What is wrong with a quote that has no partner."""
    return f"the text that starts with {text[position]} has no end"


def analyse(text: str, namespaces: Mapping[str, str]) -> Analysis:
    """Check an expression. Raises ExpressionError."""
    return _Parser(text, namespaces).parse()


class _Parser:
    """Recursive descent over the tokens. Methods give the atom of what they parsed, None when it is none."""

    def __init__(self, text: str, namespaces: Mapping[str, str]) -> None:
        self.text = text
        self.tokens = tokenize(text)
        self.namespaces = namespaces
        self.position = 0
        self.depth = 0
        self.inside_value = 0
        """Above 0 the context node belongs to a value, not to the payload."""
        self.result = Analysis(end=self.tokens[-1].start)

    # ---------------------------------------------------------------- tokens

    @property
    def token(self) -> Token:
        return self.tokens[self.position]

    def ahead(self) -> str:
        return self.tokens[self.position + 1].text if self.token.kind != "end" else ""

    def take(self) -> Token:
        token = self.token
        self.position += 1
        return token

    def at(self, *texts: str) -> bool:
        return self.token.kind == "symbol" and self.token.text in texts

    def expect(self, text: str) -> Token:
        if not self.at(text):
            raise self.unexpected(f"'{text}'")
        return self.take()

    def unexpected(self, wanted: str) -> ExpressionError:
        token = self.token
        if token.start < len(self.text) and token.kind == "end":
            return ExpressionError(unended(self.text, token.start), token.start)
        if token.kind == "end":
            return ExpressionError(f"the expression ends where {wanted} must follow", token.start)
        return ExpressionError(f"'{token.text}' stands where {wanted} must follow", token.start)

    # ---------------------------------------------------------------- expressions

    def parse(self) -> Analysis:
        self.result.atom = self.expression()
        if self.token.kind != "end":
            raise self.unexpected("an operator")
        return self.result

    def expression(self) -> Atom | None:
        """Operands joined by operators. Precedence does not matter here: libxml2 evaluates."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpressionError(f"the expression is nested deeper than {MAX_DEPTH} levels", self.token.start)
        atom = self.union()
        while self.token.text in _OPERATORS and self.token.kind in ("symbol", "name"):
            self.take()
            self.union()
            atom = None
        self.depth -= 1
        return atom

    def union(self) -> Atom | None:
        negated = False
        while self.at("-"):
            self.take()
            negated = True
        atom = self.path()
        while self.at("|"):
            self.take()
            self.path()
            atom = None
        return None if negated else atom

    def path(self) -> Atom | None:
        if self.at("/"):
            self.take()
            self.touch()
            if self.at_step():
                self.steps()
            return None
        if self.at("//"):
            self.take()
            self.touch()
            self.steps()
            return None
        if self.at_value():
            return self.value_path()
        if not self.at_step():
            raise self.unexpected("a value or a path")
        self.touch()
        self.steps()
        return None

    def at_value(self) -> bool:
        if self.token.kind in ("literal", "number", "variable") or self.at("("):
            return True
        return self.token.kind == "name" and self.ahead() == "(" and self.token.text not in _NODE_TYPES

    def value_path(self) -> Atom | None:
        """A value, then predicates and steps that start at its nodes."""
        atom = self.value()
        self.inside_value += 1
        while self.at("["):
            self.predicate()
            atom = None
        if self.at("/", "//"):
            self.take()
            self.steps()
            atom = None
        self.inside_value -= 1
        return atom

    def value(self) -> Atom | None:
        token = self.token
        if token.kind == "literal":
            self.take()
            return Constant(token.text[1:-1])
        if token.kind == "number":
            self.take()
            return None
        if token.kind == "variable":
            return self.variable()
        if token.kind == "name":
            return self.call()
        self.expect("(")
        atom = self.expression()
        self.expect(")")
        return atom

    # ---------------------------------------------------------------- paths

    def touch(self) -> None:
        if not self.inside_value:
            self.result.reads_body = True

    def at_step(self) -> bool:
        return self.token.kind == "name" or self.at(".", "..", "@", "*")

    def steps(self) -> None:
        self.step()
        while self.at("/", "//"):
            self.take()
            self.step()

    def step(self) -> None:
        if self.at(".", ".."):
            self.take()
            return
        if self.at("@"):
            self.take()
        elif self.ahead() == "::":
            self.axis()
        self.node_test()
        while self.at("["):
            self.predicate()

    def axis(self) -> None:
        token = self.take()
        if token.text not in _AXES:
            raise ExpressionError(
                f"'{token.text}' is not an axis of XPath", token.start, did_you_mean(token.text, _AXES)
            )
        self.expect("::")

    def node_test(self) -> None:
        if self.at("*"):
            self.take()
            return
        if self.token.kind != "name":
            raise self.unexpected("the name of a node")
        token = self.take()
        if self.at("("):
            self.node_type(token)
        elif ":" in token.text:
            self.check_prefix(token)

    def node_type(self, name: Token) -> None:
        if name.text not in _NODE_TYPES:
            raise ExpressionError(f"the function {name.text}() cannot be a step of a path", name.start)
        self.expect("(")
        if name.text == "processing-instruction" and self.token.kind == "literal":
            self.take()
        self.expect(")")

    def check_prefix(self, token: Token) -> None:
        prefix = token.text.partition(":")[0]
        if prefix != "xml" and not self.namespaces.get(prefix):
            raise ExpressionError(
                f"the namespace prefix '{prefix}' is not declared",
                token.start,
                did_you_mean(prefix, self.namespaces) or f'Add xmlns:{prefix}="…".',
            )

    def predicate(self) -> None:
        self.expect("[")
        self.inside_value += 1
        self.expression()
        self.inside_value -= 1
        self.expect("]")

    # ---------------------------------------------------------------- variables

    def variable(self) -> Atom:
        token = self.take()
        prefix, _, name = token.text[1:].rpartition(":")
        name = name.strip()  # Jaxen takes white space after the colon
        if not prefix:
            return self.body_variable(token, name)
        refuse_slip(prefix, token.start)
        return self.bind(token.start, token.end, variables.reader(prefix, name), from_body=False)

    def body_variable(self, token: Token, name: str) -> Atom:
        read = variables.BODY_VARIABLES.get(name)
        if read is None:
            hint = did_you_mean(name, variables.BODY_VARIABLES) or f"A property is written $ctx:{name}."
            raise ExpressionError(f"there is no variable ${name}", token.start, hint)
        self.result.reads_body = True
        return self.bind(token.start, token.end, read, from_body=True)

    def bind(self, start: int, end: int, read: Reader, *, from_body: bool) -> Atom:
        self.result.bindings.append(Binding(start, end, read, from_body))
        return Read(read)

    # ---------------------------------------------------------------- functions

    def call(self) -> Atom | None:
        token = self.take()
        name = _without_prefix(token.text)
        least, most = self.arity(token, name)
        arguments = self.arguments()
        if not least <= len(arguments) <= most:
            raise ExpressionError(
                f"{name}() takes {_count(least, most)}, not {len(arguments)}", token.start, _usage_of(name)
            )
        if name == "get-property":
            return self.get_property(token, arguments)
        if plain_name(name) != token.text:
            self.result.renamed.append((token, plain_name(name)))
        if name in FUNCTIONS:
            self.result.functions.add(name)
        if name in ("id", "lang") or (not arguments and name in _CORE and _CORE[name] == (0, 1)):
            self.touch()
        parts = [atom for atom in arguments if atom is not None]
        if name == "concat" and len(parts) == len(arguments):
            return Concat(parts)
        return None

    def arity(self, token: Token, name: str) -> tuple[int, int]:
        if name in FUNCTIONS:
            return FUNCTIONS[name].min_arguments, FUNCTIONS[name].max_arguments
        if name in _REFUSED:
            raise ExpressionError(f"{name}() is not supported", token.start, _REFUSED[name])
        if name not in _CORE:
            hint = did_you_mean(name, (*FUNCTIONS, *_CORE))
            raise ExpressionError(f"there is no function {name}()", token.start, hint)
        return _CORE[name]

    def arguments(self) -> list[Atom | None]:
        self.expect("(")
        found: list[Atom | None] = []
        if not self.at(")"):
            found.append(self.expression())
            while self.at(","):
                comma = self.take()
                if self.at(")"):
                    self.result.renamed.append((comma, ""))  # Jaxen takes a comma after the last argument
                    break
                found.append(self.expression())
        self.expect(")")
        return found

    def get_property(self, token: Token, arguments: list[Atom | None]) -> Atom | None:
        """With constant arguments, which is nearly always, a lookup that is bound like a variable."""
        constants = tuple(atom.text for atom in arguments if isinstance(atom, Constant))
        if len(constants) < len(arguments):
            self.result.functions.add("get-property")
            self.result.reads_body = True  # the name may be one that describes the envelope
            if token.text != "get-property":
                self.result.renamed.append((token, "get-property"))
            return None
        try:
            read = property_functions.property_reader(*constants)
        except Fault as fault:
            raise ExpressionError(fault.message, token.start) from None
        self.result.reads_body |= property_functions.reads_body(constants)
        return self.bind(token.start, self.tokens[self.position - 1].end, read, from_body=False)


def refuse_slip(prefix: str, offset: int) -> None:
    """Any prefix may name a property that holds a map; one that looks like a known prefix is a slip of the pen.

    Raises ExpressionError.
    """
    if prefix in variables.PREFIXES:
        return
    hint = did_you_mean(prefix.lower(), (*variables.PREFIXES, *variables.BODY_VARIABLES))
    if hint:
        raise ExpressionError(f"there is no variable prefix '{prefix}'", offset, hint)


def plain_name(name: str) -> str:
    """The name under which libxml2 knows a function: ``wso2:vault-lookup`` has no namespace to be found in."""
    return name.replace(":", "-")


def _without_prefix(name: str) -> str:
    """``fn:concat`` is ``concat``; functions that Synapse adds are known by their local name, whatever the prefix."""
    prefix, _, local = name.rpartition(":")
    if not prefix or name in FUNCTIONS:
        return name
    return local if prefix == "fn" or local in FUNCTIONS else name


def _count(least: int, most: int) -> str:
    if most == _MANY:
        return f"at least {least} arguments"
    amount = str(least) if least == most else f"{least} to {most}"
    return f"{amount} argument{'' if amount == '1' else 's'}"


def _usage_of(name: str) -> str:
    return f"For example {FUNCTIONS[name].examples[0][0]}." if name in FUNCTIONS else ""
