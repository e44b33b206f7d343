"""The parts of a FreeMarker template -> Jinja2's syntax tree.

Jinja2 runs the structure: text, output, branches, loops. Everything that FreeMarker's expressions do are calls of
operations of ``values.Run``, so that its rules hold: what is missing, what is a number, what may be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from jinja2 import nodes

from engine.expressions.base import ExpressionError
from engine.expressions.freemarker.tree import (
    Assign,
    Call,
    Condition,
    Expression,
    If,
    Items,
    Jump,
    Literal,
    Loop,
    Members,
    Output,
    Statement,
    Stop,
    Text,
    Variable,
)

OPERATIONS = "run"
"""The name under which a template finds its operations."""

_OLD_LOOP_NAMES = {"_index": "loop_index", "_has_next": "loop_has_next"}


def translate(statements: Sequence[Statement]) -> nodes.Template:
    """The tree of the whole template. Raises ExpressionError."""
    return nodes.Template(_Translator().body(statements), lineno=1)


class _Translator:
    def __init__(self) -> None:
        self.loops: list[tuple[tuple[str, ...], int]] = []
        """The names of the loops around, and the number of each."""
        self.count = 0
        self.line = 1

    def body(self, statements: Sequence[Statement]) -> list[nodes.Node]:
        return [self.statement(each) for each in statements]

    def statement(self, statement: Statement) -> nodes.Node:
        line = self.line = statement.line
        match statement:
            case Text(text):
                return nodes.Output([nodes.TemplateData(text)], lineno=line)
            case Output(value):
                return nodes.Output([self.call("text", self.expression(value))], lineno=line)
            case If(branches, otherwise):
                return self.conditions(branches, otherwise, line)
            case Loop():
                return self.loop(statement)
            case Assign(name, value, body):
                return self.assign(name, value, body, line)
            case Jump(kind):
                return nodes.Break(lineno=line) if kind == "break" else nodes.Continue(lineno=line)
            case Stop(reason):
                return nodes.ExprStmt(self.call("stop", self.expression(reason)), lineno=line)

    def conditions(
        self, branches: Sequence[tuple[Expression, list[Statement]]], otherwise: list[Statement], line: int
    ) -> nodes.If:
        (test, body), *rest = branches
        following: list[nodes.Node] = self.body(otherwise)
        for each, inside in reversed(rest):
            following = [nodes.If(self.truth(each), self.body(inside), [], following, lineno=line)]
        return nodes.If(self.truth(test), self.body(body), [], following, lineno=line)

    def loop(self, loop: Loop) -> nodes.For:
        values = self.call("loop", self.expression(loop.values), nodes.Const(len(loop.names)))
        self.count += 1
        self.loops.append((loop.names, self.count))
        targets: list[nodes.Expr] = [nodes.Name(_local(name, self.count), "store") for name in loop.names]
        targets.append(nodes.Name(_place(self.count), "store"))
        body = self.body(loop.body)
        self.loops.pop()
        otherwise = self.body(loop.otherwise)
        return nodes.For(nodes.Tuple(targets, "store"), values, body, otherwise, None, False, lineno=loop.line)

    def assign(self, name: str, value: Expression | None, body: list[Statement], line: int) -> nodes.Node:
        if value is not None:
            return nodes.ExprStmt(self.call("assign", nodes.Const(name), self.expression(value)), lineno=line)
        self.count += 1
        captured = f"captured_{self.count}"
        block = nodes.AssignBlock(nodes.Name(captured, "store"), None, self.body(body), lineno=line)
        use = nodes.ExprStmt(self.call("assign", nodes.Const(name), nodes.Name(captured, "load")), lineno=line)
        return nodes.Scope([block, use], lineno=line)

    # ---------------------------------------------------------------- expressions

    def expression(self, expression: Expression) -> nodes.Expr:
        match expression:
            case Literal(value):
                if isinstance(value, Decimal):
                    return self.call("decimal", nodes.Const(str(value)))
                return nodes.Const(value)
            case Items(values):
                return nodes.List([self.expression(each) for each in values])
            case Members(pairs):
                return nodes.Dict([nodes.Pair(self.expression(key), self.expression(value)) for key, value in pairs])
            case Condition():
                return self.condition(expression)
            case Variable(name):
                return self.variable(name)
            case Call(operation, operands):
                if operation.startswith("loop_"):
                    return self.about_loop(operation, operands[0])
                return self.call(operation, *map(self.expression, operands))

    def condition(self, condition: Condition) -> nodes.Expr:
        first, *rest = [self.truth(each) for each in condition.operands]
        if condition.operator == "not":
            return nodes.Not(first)
        for each in rest:
            first = nodes.And(first, each) if condition.operator == "and" else nodes.Or(first, each)
        return first

    def variable(self, name: str) -> nodes.Expr:
        for names, number in reversed(self.loops):
            if name in names:
                return nodes.Name(_local(name, number), "load")
            for ending, operation in _OLD_LOOP_NAMES.items():
                if name == f"{names[0]}{ending}":
                    return self.call(operation, nodes.Name(_place(number), "load"))
        return self.call("name", nodes.Const(name))

    def about_loop(self, operation: str, variable: Expression) -> nodes.Expr:
        """The place of a loop's variable; the innermost loop has the empty name too."""
        wanted = variable.name if isinstance(variable, Variable) else ""
        for names, number in reversed(self.loops):
            if not wanted or wanted in names:
                return self.call(operation, nodes.Name(_place(number), "load"))
        raise ExpressionError(f"'{wanted}' is not the variable of a <#list> around")

    def truth(self, expression: Expression) -> nodes.Expr:
        return self.call("truth", self.expression(expression))

    def call(self, operation: str, *operands: nodes.Expr) -> nodes.Expr:
        function = nodes.Getattr(nodes.Name(OPERATIONS, "load"), operation, "load")
        return nodes.Call(function, list(operands), [], None, None, lineno=self.line)


def _local(name: str, number: int) -> str:
    return f"item_{number}_{name}"


def _place(number: int) -> str:
    return f"place_{number}"
