"""Contracts that import options which are not here, as most of those with gogoproto do."""

from __future__ import annotations

import subprocess
from collections.abc import Callable

from conftest import Scratch

from stubs.shop_of_mail import CONTRACT, python_stubs
from stubs.test_stubs_verb import asked

Cli = Callable[..., subprocess.CompletedProcess[str]]
Make = Callable[..., Scratch]


def test_a_file_that_many_contracts_lack_is_told_once(scratch: Make, cli: Cli) -> None:
    head = 'package {name};\nimport "gogoproto/gogo.proto";\noption (gogoproto.sizer_all) = true;'
    files: dict[str, str | bytes] = {}
    for name in ("inn", "mart", "port"):
        text = CONTRACT.replace("package mart;", f"package {name};")
        files |= {f"app/{path}": content for path, content in python_stubs(text, f"{name}.proto").items()}
        files[f"protos/{name}.proto"] = text.replace(f"package {name};", head.format(name=name))
    _, report = asked(cli, scratch(files), "--check")
    (one,) = [one for one in report["findings"] if one["id"] == "WSP508"]
    assert "protos/inn.proto and 2 more were not compared: gogoproto/gogo.proto" in one["message"]
    assert [place["path"] for place in one["related"]] == ["protos/mart.proto", "protos/port.proto"]
