from __future__ import annotations

import pytest

from environments.shop import rows


def service(dockerfile: str, name: str, text: str) -> dict[str, str]:
    return {
        "cart/Dockerfile": dockerfile,
        f"cart/{name}": text,
        "cart/main.go": "package main\n\nfunc main() {}\n",
    }


NET8 = '<Project Sdk="Microsoft.NET.Sdk.Web"><PropertyGroup>\n<TargetFramework>net8.0</TargetFramework>\n'


@pytest.mark.parametrize(
    ("image", "name", "text", "line"),
    [
        ("golang:1.19 AS build", "go.mod", "module cart\n\ngo 1.22\n", 3),
        ("golang:1.21.3", "go.mod", "module cart\n\ngo 1.21.5\n", 3),
        ("python:3.9-slim", "pyproject.toml", '[project]\nrequires-python = ">=3.11"\n', 2),
        ("node:16-alpine", "package.json", '{\n"engines": {"node": ">=18"}}\n', 2),
        ("node:20", "package.json", '{\n"engines": {"node": "^18.0.0"}}\n', 2),
        ("eclipse-temurin:11-jre", "pom.xml", "<project>\n<java.version>17</java.version>\n", 2),
        ("gcr.io/distroless/java17-debian12", "build.gradle", "sourceCompatibility = '21'\n", 1),
        ("maven:3.9-eclipse-temurin-17", "pom.xml", "<maven.compiler.release>21</maven.compiler.release>", 1),
        ("mcr.microsoft.com/dotnet/aspnet:6.0", "Cart.csproj", NET8, 2),
        ("mcr.microsoft.com/dotnet/sdk:6.0", "global.json", '{"sdk": {"version": "8.0.100"}}', 1),
    ],
)
def test_an_image_that_is_older_than_the_sources(image: str, name: str, text: str, line: int) -> None:
    (found,) = rows(service(f"FROM {image}\nCOPY . .\n", name, text), "ED03")
    assert found.startswith("ED03 warning cart/Dockerfile:runtime/")
    assert found.endswith(f"cart/Dockerfile:1 cart/{name}:{line}")


@pytest.mark.parametrize(
    ("image", "name", "text"),
    [
        ("golang:1.22", "go.mod", "module cart\n\ngo 1.22.4\n"),
        ("golang:alpine", "go.mod", "module cart\n\ngo 1.22.4\n"),
        ("golang:1.24", "go.mod", "module cart\n\ngo 1.22.4\n"),
        ("python:3", "pyproject.toml", '[project]\nrequires-python = ">=3.11"\n'),
        ("python:3.11", "pyproject.toml", '[project]\nrequires-python = ">=3.11.4"\n'),
        ("python:3.9", "pyproject.toml", '[project]\nrequires-python = "whatever"\n'),
        ("node:18", "package.json", '{"engines": {"node": ">=18.12 <21"}}\n'),
        ("node:lts", "package.json", '{"engines": {"node": ">=18"}}\n'),
        ("eclipse-temurin:21-jre", "pom.xml", "<project>\n<java.version>17</java.version>\n"),
        ("openjdk:8u212-jre", "pom.xml", "<java.version>1.8</java.version>\n"),
        ("mcr.microsoft.com/dotnet/aspnet:6.0", "Cart.csproj", NET8 + "<RollForward>Major</RollForward>"),
        ("scratch", "go.mod", "module cart\n\ngo 1.22.4\n"),
        ("${BASE}", "go.mod", "module cart\n\ngo 1.22.4\n"),
    ],
)
def test_an_image_that_may_do(image: str, name: str, text: str) -> None:
    assert rows(service(f"FROM {image}\nCOPY . .\n", name, text), "ED03") == []


def test_go_may_be_told_to_fetch_a_newer_one() -> None:
    dockerfile = "FROM golang:1.19\nENV GOTOOLCHAIN=auto\nCOPY . .\n"
    assert rows(service(dockerfile, "go.mod", "module cart\n\ngo 1.22\n"), "ED03") == []


@pytest.mark.parametrize(
    "instruction", ["RUN go install tool@v1.2.3", "COPY main.go .", "COPY a.txt b.txt /"]
)
def test_a_stage_that_never_sees_the_demand(instruction: str) -> None:
    dockerfile = f"FROM golang:1.19\n{instruction}\n"
    assert rows(service(dockerfile, "go.mod", "module cart\n\ngo 1.22\n"), "ED03") == []


def test_a_dockerfile_for_something_else_in_a_folder_of_the_service() -> None:
    files = service(
        "FROM python:3.12\nCOPY . .\n", "pyproject.toml", '[project]\nrequires-python = ">=3.11"\n'
    )
    files |= {"cart/try-outs/Dockerfile": "FROM python:3.8\nCOPY . .\n"}
    assert rows(files, "ED03") == []


def test_the_default_of_a_build_argument_counts_at_its_line() -> None:
    dockerfile = "ARG GO_VERSION=1.19\nFROM golang:${GO_VERSION} AS build\nCOPY . .\nFROM build\n"
    assert rows(service(dockerfile, "go.mod", "module cart\n\ngo 1.22\n"), "ED03") == [
        "ED03 warning cart/Dockerfile:runtime/go cart/Dockerfile:1 cart/go.mod:3"
    ]


def test_a_stage_that_is_left_behind_does_not_run() -> None:
    dockerfile = "FROM python:3.8 AS docs\nFROM python:3.12\nCOPY . .\n"
    assert (
        rows(service(dockerfile, "pyproject.toml", '[project]\nrequires-python = ">=3.11"\n'), "ED03") == []
    )
