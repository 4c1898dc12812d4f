"""What is true of a case: bare tools on two exported trees, the true merge base and what is inspected."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from histories import oracle_deployed, oracle_openapi, oracle_protobuf
from histories.facts import Fact, Verdict
from histories.layout import Layout
from histories.repository import Files, Repository
from histories.states import Case, Head

MOST_ANCESTORS = 20


@dataclass(frozen=True)
class Truth:
    """`failing` facts have to fail the run, `others` are of the branch already, so that they must not;
    `allowed` may fail it. `open`: what bare tools can't read."""

    failing: frozenset[Fact]
    others: frozenset[Fact]
    allowed: frozenset[Fact]
    open: frozenset[str]


class Oracle:
    def __init__(self, case: Case, layout: Layout) -> None:
        self.case, self.layout = case, layout
        self._files: dict[str, Files] = {}
        self._kinds: tuple[Callable[[Files, Files], Verdict], ...] = (
            lambda base, head: oracle_protobuf.compare(base, head, layout),
            lambda base, head: oracle_openapi.compare(base, head, consumers=layout.consumers),
            lambda base, head: oracle_deployed.compare(base, head, layout),
        )

    def truth(self) -> Truth:
        failing: set[Fact] = set()
        others: set[Fact] = set()
        allowed: set[Fact] = set()
        questions: set[str] = set()
        for head in self.case.heads:
            for base in self._bases(head):
                told, open_questions = self._against(base, head)
                known = self._known(base, head) if self.case.at_commit else _Known()
                failing |= {one for one in told.required if one not in known}
                allowed |= {one for one in told.allowed if one not in known}
                others |= {one for one in told.required if one in known}
                questions |= open_questions
        return Truth(frozenset(failing), frozenset(others), frozenset(allowed), frozenset(questions))

    def _bases(self, head: Head) -> list[str]:
        """The best common ancestors of the future commit and the default branch, by git itself."""
        if head.exact:
            return [head.exact]
        if not head.against:
            return list(head.tips[:1])  # no remote, and no main: HEAD
        return self.case.history.merge_bases(head.against, *head.tips)

    def _against(self, base: str, head: Head) -> tuple[Verdict, set[str]]:
        """Kind by kind. Where only the base can't be read, its nearest ancestor that can serves (fine print
        13)."""
        after = self._read(head.repo, head.tree)
        verdict = Verdict()
        questions: set[str] = set()
        for compare in self._kinds:
            told = self._on_readable(compare, base, after)
            verdict |= told
            questions |= {*told.open, *told.base_open}
        return verdict, questions

    def _on_readable(self, compare: Callable[[Files, Files], Verdict], base: str, after: Files) -> Verdict:
        history = self.case.history
        first = compare(self._read(history, base), after)
        if not first.base_open:
            return first
        said = history.said("rev-list", "--first-parent", f"--max-count={MOST_ANCESTORS}", base)
        for ancestor in said.split()[1:]:
            told = compare(self._read(history, ancestor), after)
            if not told.base_open:
                return told
        return first

    def _known(self, base: str, head: Head) -> _Known:
        """What the parents break already, each against its own fork from the base (fine print 12)."""
        known = _Known()
        history = self.case.history
        for parent in head.tips:
            for fork in history.merge_bases(base, parent):
                before, after = self._read(history, fork), self._read(history, parent)
                for compare in (self._partly, *self._kinds[1:]) if before != after else ():
                    told = compare(before, after)
                    known.add(told.required | told.allowed)
        return known

    def _partly(self, base: Files, head: Files) -> Verdict:
        """A commit that does not compile can break, too."""
        return oracle_protobuf.compare(base, head, self.layout, partly=True)

    def _read(self, repo: Repository, commit: str) -> Files:
        if commit not in self._files:
            self._files[commit] = repo.files(commit)
        return self._files[commit]


class _Known:
    """Breaks that a parent has: the same ones, and what went with something that is gone in it as a whole."""

    def __init__(self) -> None:
        self._keys: set[str] = set()
        self._gone: set[str] = set()

    def add(self, facts: Iterable[Fact]) -> None:
        self._keys |= {one.key for one in facts}
        self._gone |= {name for one in facts for name in one.gone}

    def __contains__(self, fact: Fact) -> bool:
        return fact.key in self._keys or (fact.removes and bool(fact.holders & self._gone))
