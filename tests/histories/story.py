"""A random history: commits of edits on main and topic branches, merges, rebases, cherry-picks, amends."""

from __future__ import annotations

from pathlib import Path
from random import Random

from histories import edits_deploy, edits_fixture, edits_openapi, edits_proto, edits_proto_files
from histories.edits import Changes, Table, applied, drawn
from histories.layout import Base, Layout
from histories.repository import Files, Repository


class Story:
    """`main` is the default branch's name; with `remote` its published state is refs/remotes/origin/<main>.

    `told` says what happened, in order, for whoever looks into a mismatch.
    """

    def __init__(self, rng: Random, base: Base, root: Path) -> None:
        self.rng = rng
        self.base = base
        self.layout: Layout = base.layout
        self.repo = Repository(root)
        self.main = rng.choices(("main", "master", "develop"), (80, 12, 8))[0]
        self.remote = rng.random() < 0.75
        self.told: list[str] = [f"base {base.layout.name}, {self.main}{', origin' if self.remote else ''}"]
        self._begin()

    def _begin(self) -> None:
        root = self.repo.root
        root.mkdir(parents=True)
        self.repo.run("init", "--quiet", f"--initial-branch={self.main}", ".")
        self.repo.stage(dict(self.base.files))
        if self.main == "develop":
            self.repo.stage({".workspai.yaml": b"default_branch: develop\n"})
        self.commit("base")
        if self.remote:
            self.repo.run("config", "remote.origin.url", "https://forge.invalid/x.git")
            self.repo.run("config", "remote.origin.fetch", "+refs/heads/*:refs/remotes/origin/*")
            self.publish()
            if self.rng.random() < 0.6:
                upstream = f"refs/remotes/origin/{self.main}"
                self.repo.run("symbolic-ref", "refs/remotes/origin/HEAD", upstream)
        for _ in range(self.rng.randint(0, 2)):
            self.commit_edits(self.rng.randint(1, 2))
        self.publish()
        self.repo.run("switch", "--quiet", "--create", "topic")

    @property
    def upstream(self) -> str:
        """What a topic is compared with."""
        return f"refs/remotes/origin/{self.main}" if self.remote else f"refs/heads/{self.main}"

    def publish(self) -> None:
        if self.remote:
            self.repo.run("update-ref", f"refs/remotes/origin/{self.main}", f"refs/heads/{self.main}")

    def files(self, tree: str = "HEAD") -> Files:
        return self.repo.files(tree)

    def table(self) -> Table:
        """The edits that suit the repository; protobuf and descriptions come up most."""
        rng, layout = self.rng, self.layout
        tables: list[tuple[int, Table]] = [(2, edits_deploy.OTHERS), (5, edits_openapi.TABLE)]
        if layout.workspaces:
            tables += [(7, edits_proto.TABLE), (2, edits_proto_files.TABLE)]
        if layout.name == "shop":
            tables.append((3, edits_fixture.TABLE))
        if layout.charts or layout.manifests or layout.kustomizations:
            tables.append((5, edits_deploy.DEPLOYED))
        return rng.choices([each for _, each in tables], [weight for weight, _ in tables])[0]

    def draw(self, files: Files, count: int) -> tuple[list[str], Changes]:
        """`count` edits, one on top of the other."""
        names: list[str] = []
        changes: Changes = {}
        for _ in range(count):
            one = drawn(self.rng, applied(files, changes), self.layout, self.table())
            if one is not None:
                names.append(one[0])
                changes |= one[1]
        # What one edit makes and another one deletes was never there.
        return names, {path: text for path, text in changes.items() if text is not None or path in files}

    def commit(self, message: str, *args: str) -> str:
        self.repo.run("commit", "--quiet", "--no-verify", "--allow-empty", "-m", message, *args)
        return self.repo.commit_of("HEAD")

    def commit_edits(self, count: int) -> str:
        names, changes = self.draw(self.files(), count)
        self.repo.stage(changes)
        commit = self.commit(", ".join(names) or "nothing")
        self.told.append(f"{self.branch()}: {', '.join(names)} ({commit[:8]})")
        return commit

    def branch(self) -> str:
        return self.repo.said("rev-parse", "--abbrev-ref", "HEAD")

    def on(self, branch: str) -> None:
        self.repo.run("switch", "--quiet", branch)

    def happen(self) -> None:
        """One random event; afterwards the work tree is clean and on `topic`."""
        events = {
            self._work: 6,
            self._main_moves: 4,
            self._main_merged: 3,
            self._topic_merged: 1,
            self._rebased: 1,
            self._picked: 1,
            self._reverted: 1,
            self._amended: 1,
            self._side_branch: 1,
            self._main_breaks: 1,
        }
        self.rng.choices(list(events), list(events.values()))[0]()

    def _work(self) -> None:
        self.commit_edits(self.rng.randint(1, 3))

    def _main_moves(self) -> None:
        self.on(self.main)
        for _ in range(self.rng.randint(1, 2)):
            self.commit_edits(self.rng.randint(1, 2))
        if self.rng.random() < 0.7:
            self.publish()
            self.told.append("published")
        self.on("topic")

    def _main_breaks(self) -> None:
        """Main takes back what it added: its tip and the fork differ, each from the other."""
        self.on(self.main)
        first = self.commit_edits(1)
        self.repo.done("revert", "--no-edit", first)  # nothing where the edit did nothing
        self.commit_edits(1)
        self.publish()
        self.on("topic")

    def merge(self, other: str, *args: str) -> bool:
        """Merge with conflicts resolved, file by file, for one of the sides. False: nothing to merge."""
        done = self.repo.done("merge", "--no-edit", "--no-verify", *args, other)
        if done.returncode == 0:
            return True
        conflicts = self.unmerged()
        assert conflicts, done.stderr.decode() + done.stdout.decode()
        self.resolve(conflicts)
        if "--no-commit" not in args:
            self.commit(f"merge {other}, resolved")
        return True

    def unmerged(self) -> list[str]:
        said = self.repo.run("diff", "--name-only", "--diff-filter=U", "-z").decode(
            "utf-8", "surrogateescape"
        )
        return [path for path in said.split("\0") if path]

    def resolve(self, conflicts: list[str]) -> None:
        for path in conflicts:
            rows = self.repo.run("ls-files", "--unmerged", "-z", "--", path).decode().split("\0")
            sides = {row.split("\t")[0].split(" ")[2] for row in rows if row} - {"1"}
            side = self.rng.choice(("2", "3"))
            if side in sides:
                self.repo.stage({path: self.repo.run("cat-file", "blob", f":{side}:{path}")})
            else:
                self.repo.run("rm", "--quiet", "--force", "--ignore-unmatch", "--", path)
        self.told.append(f"conflicts resolved: {', '.join(conflicts)}")

    def _main_merged(self) -> None:
        before = self.repo.commit_of("HEAD")
        self.merge(self.main)
        if self.repo.commit_of("HEAD") != before:
            self.told.append(f"topic: merged {self.main}")

    def _topic_merged(self) -> None:
        """Main takes the topic in: what follows on the topic is compared with that; or both cross."""
        self.on(self.main)
        behind = self.repo.commit_of("HEAD")
        self.merge("topic", "--no-ff")
        self.told.append(f"{self.main}: merged topic")
        if self.rng.random() < 0.6:
            self.publish()
        self.on("topic")
        if self.rng.random() < 0.5:
            self.commit_edits(1)
            self.merge(behind, "--no-ff")
            self.told.append("topic: merged what main was before (criss-cross)")

    def _rebased(self) -> None:
        done = self.repo.done("rebase", "-X", self.rng.choice(("ours", "theirs")), self.main)
        if done.returncode != 0:
            self.repo.done("rebase", "--abort")
            self.told.append("topic: rebase given up")
        else:
            self.told.append(f"topic: rebased on {self.main}")

    def _picked(self) -> None:
        commits = self.repo.said("rev-list", "--no-merges", f"topic..{self.main}").split()
        if commits:
            picked = self.rng.choice(commits)
            if self.repo.done("cherry-pick", "-X", "theirs", "--allow-empty", picked).returncode != 0:
                self.repo.done("cherry-pick", "--abort")
                self.repo.run("reset", "--quiet", "--hard")
            else:
                self.told.append(f"topic: picked {picked[:8]}")

    def _reverted(self) -> None:
        commits = self.repo.said("rev-list", "--no-merges", f"{self.main}..topic").split()
        if commits:
            reverted = self.rng.choice(commits)
            if self.repo.done("revert", "--no-edit", reverted).returncode != 0:
                self.repo.done("revert", "--abort")
                self.repo.run("reset", "--quiet", "--hard")
            else:
                self.told.append(f"topic: reverted {reverted[:8]}")

    def _amended(self) -> None:
        if self.repo.commit_of("topic") in self.repo.said("rev-list", self.main).split():
            return
        names, changes = self.draw(self.files(), 1)
        self.repo.stage(changes)
        self.repo.run("commit", "--quiet", "--no-verify", "--allow-empty", "--amend", "--no-edit")
        self.told.append(f"topic: amended, {', '.join(names)}")

    def _side_branch(self) -> None:
        """A second topic that goes off the first and comes back."""
        name = f"side{self.repo.tick}"
        self.repo.run("switch", "--quiet", "--create", name)
        self.commit_edits(self.rng.randint(1, 2))
        self.on("topic")
        self.commit_edits(1)
        self.merge(name, "--no-ff")
        self.told.append(f"topic: merged {name}")
