"""What is true of a case: bare tools on the exported trees of the true merge base and of what is
inspected."""

from __future__ import annotations

from dataclasses import dataclass

from histories import oracle_deployed, oracle_openapi, oracle_protobuf
from histories.facts import Fact, Verdict
from histories.layout import Layout
from histories.repository import Files, Repository
from histories.states import Case, Head


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

    def truth(self) -> Truth:
        failing: set[Fact] = set()
        others: set[Fact] = set()
        allowed: set[Fact] = set()
        questions: set[str] = set()
        for head in self.case.heads:
            for base in self._bases(head):
                told, open_questions = self._against(base, head)
                earlier = self._earlier(base, head) if self.case.at_commit else set()
                failing |= {one for one in told.required if one.key not in earlier}
                allowed |= {one for one in told.allowed if one.key not in earlier}
                others |= {one for one in told.required if one.key in earlier}
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
        """Where only the base can't be read, its nearest ancestor that can serves (fine print 13)."""
        after = self._read(head.repo, head.tree)
        told = self._compared(self._read(self.case.history, base), after)
        if not told.base_open:
            return told, set(told.open)
        first = told
        for ancestor in self.case.history.said("rev-list", "--first-parent", "--max-count=20", base).split()[
            1:
        ]:
            told = self._compared(self._read(self.case.history, ancestor), after)
            if not told.base_open:
                return told, set(told.open)
        return first, {*first.open, *first.base_open}

    def _earlier(self, base: str, head: Head) -> set[str]:
        """What the parents break already, each against its own fork from the base (fine print 12)."""
        known: set[str] = set()
        for parent in head.tips:
            for fork in self.case.history.merge_bases(base, parent):
                told = self._compared(
                    self._read(self.case.history, fork), self._read(self.case.history, parent)
                )
                known |= {one.key for one in told.required | told.allowed}
        return known

    def _read(self, repo: Repository, commit: str) -> Files:
        if commit not in self._files:
            self._files[commit] = repo.files(commit)
        return self._files[commit]

    def _compared(self, base: Files, head: Files) -> Verdict:
        if base == head:
            return Verdict()
        return (
            oracle_protobuf.compare(base, head, self.layout)
            | oracle_openapi.compare(base, head, consumers=self.layout.consumers)
            | oracle_deployed.compare(base, head, self.layout)
        )
