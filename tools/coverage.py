"""How much of the Synapse XML in other people's repositories `myelin check` accepts, and what it says about the rest.

    python -m tools.coverage CHECKOUT... [--write engine/reference/coverage.md] [--list CODE]

Each CHECKOUT is a folder that holds a repository: wso2/wso2-synapse, wso2/product-micro-integrator and apache/synapse
are what the numbers in the reference come from. Nothing is fetched. Copies of one file count once.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click

from engine.declare.build import Reference
from engine.declare.catalog import Catalog
from engine.declare.spec import SYNAPSE
from engine.declare.write.prose import with_tags_as_code
from engine.deploy import loader
from engine.deploy.loader import LoadedFile, Stamp
from engine.errors import Problem
from engine.runtime.catalog import installed
from tools.judged import Verdict, judge, judgement

_ROOT = re.compile(rb"<(?!\?|!--|!)(?:([\w.-]+):)?([\w.-]+)([^>]*)>", re.DOTALL)
_REGISTRY = re.compile(r"(conf|gov|file|https?):|.*/")
_QUOTED = re.compile(r"'[^']*'")
_NUMBER = re.compile(r"\b\d+\b")


@dataclass(slots=True)
class Checked:
    """One file and the errors of it."""

    name: str
    errors: list[Problem] = field(default_factory=list)

    def has(self, verdict: Verdict) -> bool:
        """Whether one of its errors has that verdict."""
        return any(judge(each) is verdict for each in self.errors)

    @property
    def accepted(self) -> bool:
        return not self.errors


@dataclass(slots=True)
class Corpus:
    """The files of one checkout."""

    name: str
    files: list[Checked]

    @property
    def deployed(self) -> list[Checked]:
        """The files that the reference deploys."""
        return [each for each in self.files if not each.has(Verdict.REFUSED)]

    @property
    def sound(self) -> list[Checked]:
        """Those of them that can run there."""
        return [each for each in self.deployed if not each.has(Verdict.FAILS)]


def flow_files(root: Path) -> Iterator[Path]:
    """The XML files whose root is in the Synapse namespace, or would be if they were well-formed; copies once."""
    seen: set[bytes] = set()
    for path in sorted(root.rglob("*.xml")):
        if not path.is_file():
            continue
        content = path.read_bytes()
        digest = hashlib.sha256(content).digest()
        if digest not in seen and _is_synapse(content):
            seen.add(digest)
            yield path


def _is_synapse(content: bytes) -> bool:
    """Whether the root element binds its own prefix to the Synapse namespace."""
    start = _ROOT.search(re.sub(rb"<!--.*?-->", b"", content, flags=re.DOTALL))
    if start is None:
        return False
    declaration = b"xmlns:" + start[1] if start[1] else b"xmlns"
    return re.search(re.escape(declaration) + rb"\s*=\s*[\"']" + SYNAPSE.encode() + rb"[\"']", start[3]) is not None


def check(root: Path, catalog: Catalog) -> Corpus:
    """Check every file of a checkout by itself; names may be those of any artifact in the checkout.

    Registry resources, and files that artifacts name, are taken to be there: they are no part of a flow file.
    """
    files = [(path, loader.load(path, Stamp(0, 0), catalog, str(path.relative_to(root)))) for path in flow_files(root)]
    names = set(_names(file for _, file in files))
    connectors = {tag.partition(".")[0] for tag in catalog.tags("mediator") if "." in tag}
    checked = []
    for _, file in files:
        errors = [problem for problem in file.problems if problem.severity == "error" and not _is_absent_file(problem)]
        errors += [_unknown(each) for each in _references(file) if not _resolves(each, names, connectors)]
        checked.append(Checked(file.file, errors))
    return Corpus(root.name, checked)


def _is_absent_file(problem: Problem) -> bool:
    return problem.code == "unreadable" and "there is no file" in problem.message


def _names(files: Iterable[LoadedFile]) -> Iterator[tuple[str, str]]:
    for file in files:
        yield from (each.id for each in file.artifacts)
        yield from file.broken


def _references(file: LoadedFile) -> Iterator[Reference]:
    for each in file.artifacts:
        yield from each.references
    yield from file.dangling


def _resolves(reference: Reference, names: set[tuple[str, str]], connectors: set[str]) -> bool:
    if reference.kind == "connector":
        return reference.name in connectors
    if (reference.kind, reference.name) in names or ("local-entry", reference.name) in names:
        return True
    return _REGISTRY.match(reference.name) is not None


def _unknown(reference: Reference) -> Problem:
    return Problem(f"unknown-{reference.kind}", reference.where, f"There is no {reference.kind} '{reference.name}'.")


def class_of(problem: Problem) -> tuple[str, str]:
    """Problems that differ only in names and numbers are one class."""
    message = _NUMBER.sub("N", _QUOTED.sub("'…'", problem.message))
    return problem.code, message


def report(corpora: list[Corpus]) -> str:
    """The Markdown page: counts, and every class of error that is left with the verdict on it."""
    lines = [
        "# Coverage",
        "",
        "Written by `python -m tools.coverage CHECKOUT... --write engine/reference/coverage.md`; do not edit.",
        "",
        "All XML files of these repositories whose root element is in the Synapse namespace, copies counted once, as",
        "`myelin check` sees them. Names may be those of any artifact of the repository; registry resources and files",
        "that artifacts name are taken to be there. *Deployed*: the reference deploys the file. *Sound*: and what it",
        "names exists, so that it can run there.",
        "",
        "| repository | files | deployed | no error here | share of deployed | sound | share of sound |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [_row(corpus.name.replace("+", "/"), [corpus]) for corpus in corpora]
    lines.append(_row("all", corpora))
    classes = _classes(corpora)
    for verdict in Verdict:
        rows = [(key, files) for key, files in classes.items() if _verdict(key, files) is verdict]
        if rows:
            lines += ["", f"## {verdict.value}", ""]
            lines += ["| files | error | message | why | for instance |", "|---|---|---|---|---|"]
            lines += [_class_row(key, files) for key, files in sorted(rows, key=lambda row: (-len(row[1]), row[0]))]
    return "\n".join(lines) + "\n"


Classes = dict[tuple[str, str], dict[str, Problem]]


def _classes(corpora: list[Corpus]) -> Classes:
    classes: Classes = defaultdict(dict)
    for corpus in corpora:
        for file in corpus.files:
            for problem in file.errors:
                classes[class_of(problem)].setdefault(file.name, problem)
    return classes


def _verdict(key: tuple[str, str], files: dict[str, Problem]) -> Verdict:
    return judge(next(iter(files.values())))


def _class_row(key: tuple[str, str], files: dict[str, Problem]) -> str:
    problem = next(iter(files.values()))
    _, why = judgement(problem)
    message = f"{problem.message} {problem.hint}".strip().replace("|", "\\|").replace("\n", " ")
    return f"| {len(files)} | `{key[0]}` | {message} | {why} | `{problem.where}` |"


def _row(name: str, corpora: list[Corpus]) -> str:
    files = sum(len(corpus.files) for corpus in corpora)
    deployed = [each for corpus in corpora for each in corpus.deployed]
    sound = [each for corpus in corpora for each in corpus.sound]
    accepted = sum(each.accepted for each in deployed)
    return (
        f"| {name} | {files} | {len(deployed)} | {accepted} | {_share(accepted, len(deployed))} "
        f"| {len(sound)} | {_share(accepted, len(sound))} |"
    )


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else ""


@click.command()
@click.argument("checkouts", nargs=-1, required=True, type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--write", type=click.Path(dir_okay=False, path_type=Path), help="Write the page to this file.")
@click.option("--list", "code", help="Print every error with this code instead.")
def main(checkouts: tuple[Path, ...], write: Path | None, code: str | None) -> None:
    """Check the flows of checked-out repositories and print the page of counts."""
    catalog, _ = installed()
    corpora = [check(root.resolve(), catalog) for root in checkouts]
    if code is not None:
        for problem in sorted(_with_code(corpora, code), key=lambda each: each.where):
            click.echo(str(problem))
        return
    page = with_tags_as_code(report(corpora))
    if write is not None:
        write.write_text(page, "utf-8")
    click.echo(page)


def _with_code(corpora: list[Corpus], code: str) -> Iterator[Problem]:
    for corpus in corpora:
        for file in corpus.files:
            yield from (each for each in file.errors if each.code == code)


if __name__ == "__main__":
    main()
