"""Paths of every spelling, and changes that are more than a new content."""

from __future__ import annotations

from collections.abc import Callable

from states.proof import State
from states.site import BASE, CONTRACT, Act, Site, text


def _moved(site: Site, path: str) -> None:
    """main has the contract at another path; topic begins there."""
    site.git("switch", "--quiet", "main")
    (site.work / path).parent.mkdir(parents=True, exist_ok=True)
    site.git("--literal-pathspecs", "mv", "--", CONTRACT, path)
    site.save("moved")
    site.git("push", "--quiet", "origin", "main")
    site.git("switch", "--quiet", "topic")
    site.from_main()


def _at(path: str) -> Callable[[Site, bool], Act]:
    def build(site: Site, breaks: bool) -> Act:
        _moved(site, path)
        site.put({path: text(breaks)}).git("--literal-pathspecs", "add", "--", path)
        return site.commit(lands=((site.work, f"HEAD:{path}"),))

    build.__doc__ = f"The contract is `{path!a}`.".replace("'", "")
    return build


def _rename(site: Site, old: str, new: str, content: str, mode: str = "100644") -> Act:
    """Staged by plumbing, so that it is the same on systems that don't tell cases apart."""
    blob = site.git("hash-object", "-w", "--stdin", stdin=content).strip()
    site.git("update-index", "--force-remove", old)
    site.git("update-index", "--add", "--cacheinfo", f"{mode},{blob},{new}")
    (site.work / old).unlink()
    site.put({new: content})
    return site.commit(lands=((site.work, f"HEAD:{new}"),))


def case_only(site: Site, breaks: bool) -> Act:
    """A rename that changes the case alone; the other variant is also edited."""
    return _rename(site, CONTRACT, "protos/A.proto", text(breaks))


def renamed(site: Site, breaks: bool) -> Act:
    """A rename with an edit."""
    return _rename(site, CONTRACT, "protos/renamed.proto", text(breaks))


def renamed_folder(site: Site, breaks: bool) -> Act:
    """`git mv` of the whole folder, with an edit."""
    site.git("mv", "protos", "contracts")
    return site.write({"contracts/a.proto": text(breaks)}).commit(
        lands=((site.work, "HEAD:contracts/a.proto"), (site.work, "HEAD:contracts/b.proto"))
    )


def deleted(site: Site, breaks: bool) -> Act:
    """A commit that only deletes: the contract, another file."""
    site.git("rm", "--quiet", CONTRACT if breaks else "README.md")
    return site.commit()


def executable(site: Site, breaks: bool) -> Act:
    """The mode changes, and the content."""
    site.write({CONTRACT: text(breaks)}).git("update-index", "--chmod=+x", CONTRACT)
    (site.work / CONTRACT).chmod(0o755)
    return site.commit()


def mode_only(site: Site, breaks: bool) -> Act:
    """Nothing but the mode changes."""
    site.git("update-index", "--chmod=+x", CONTRACT)
    (site.work / CONTRACT).chmod(0o755)
    return site.commit()


def symlink(site: Site, breaks: bool) -> Act:
    """The contract becomes a symbolic link to a file that is moved, with and without the field."""
    site.write({"shared/a.proto": text(breaks)})
    (site.work / CONTRACT).unlink()
    (site.work / CONTRACT).symlink_to("../shared/a.proto")
    site.git("add", CONTRACT)
    return site.commit(lands=((site.work, "HEAD:shared/a.proto"),))


def becomes_folder(site: Site, breaks: bool) -> Act:
    """The contract's name becomes a folder's, with the contract in it."""
    site.git("rm", "--quiet", CONTRACT)
    inside = f"{CONTRACT}/a.proto"
    return site.write({inside: text(breaks)}).commit(lands=((site.work, f"HEAD:{inside}"),))


def new_contract(site: Site, breaks: bool) -> Act:
    """A contract that is new breaks nobody."""
    return site.write({"protos/new.proto": BASE.replace("a.v1", "n.v1")}).commit()


def _spelled(name: str, path: str) -> State:
    return State(name, _at(path), sees_consumer=False)  # its stub is of the path before


STATES = (
    _spelled("spaces in a path", "proto files/the contract.proto"),
    _spelled("unicode in a path", "прото/ürün 契約.proto"),
    _spelled("decomposed unicode in a path", "protos/u\u0308ru\u0308n.proto"),
    _spelled("quotes in a path", 'protos/it\'s "quoted" \\ `here`.proto'),
    _spelled("newline in a path", "protos/two\nlines.proto"),
    _spelled("glob characters in a path", "protos/[a]*?.proto"),
    _spelled("path like a flag", "--cached/-rf.proto"),
    _spelled("path like a pathspec", ":(top)/:!a.proto"),
    State("case-only rename", case_only),
    State("rename with an edit", renamed),
    State("renamed folder", renamed_folder),
    State("deletes only", deleted, element=CONTRACT),
    State("mode and content", executable),
    State("mode change", mode_only, (False,)),
    State("symbolic link", symlink),
    State("file becomes a folder", becomes_folder),
    State("new contract", new_contract, (False,)),
)
