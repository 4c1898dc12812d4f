"""What a row of oasdiff is about, read from its words: it tells no structure beside them.

Only texts of the pinned version are read (`--lang en`); tests make the real tool say each shape.
"""

from __future__ import annotations

import msgspec

from workspai_hooks.patterns import regex
from workspai_hooks.tools.oasdiff import Row

_STATUS = regex(r"(?:status|of response) `([^`]{1,20})`|`([^`]{1,20})` status")
_ADJACENT = regex(
    r"`([^`]+)` (?:request|response)(?:'s)?(?: read-only| write-only)? property|`([^`]+)` property of the"
)
_PROPERTY = regex(r"property `([^`]+)`")
_SCHEMA = regex(r"response schema `([^`]+)`")
_PARAMETER = regex(r"`(path|query|header|cookie)` request parameter `([^`]+)`")
_PATH_PARAMETER = regex(r"path request parameter `([^`]+)`")
_HEADER_PROPERTY = regex(r"`([^`]+)` request header's property `([^`]+)`")
_HEADER = regex(r"response header `([^`]+)`|`([^`]+)` response header")
_MEDIA = regex(r"media type `([^`]+)`|\(media type: ([^()`]+)\)")
_MEDIA_OF = regex(r"media type parameter `[^`]+` (?:was removed from|of) `([^`]+)`")
_SCHEME = regex(r"component security scheme `([^`]+)`|security scheme `([^`]+)`")
_WEBHOOK = regex(r"webhook `([^`]+)`")


class Subject(msgspec.Struct, frozen=True, order=True):
    """`kind` is `operation`, `parameter`, `request`, `response`, `header`, `security`, `scheme` or `webhook`.

    `path` is the way through a body, as oasdiff writes it (`items/allOf[subschema #1]/total`); `place` and
    `name` are a parameter's `in` and name, `name` a header's, a scheme's or a webhook's, too. `media` is the
    media type of the body, where a row tells it; `of_media` where that itself is the subject.
    """

    kind: str
    status: str = ""
    media: str = ""
    path: str = ""
    place: str = ""
    name: str = ""
    of_media: bool = False


def subject_of(row: Row) -> Subject:
    """The subject of a row; of the whole operation where the words name no part of it."""
    id, text = row.id, row.text
    if id == "webhook-removed":
        return Subject("webhook", name=_first(_WEBHOOK, text))
    if id.startswith("api-security-component"):
        return Subject("scheme", name=_first(_SCHEME, text))
    if id.startswith(("api-security", "api-global-security")):
        return Subject("security")
    if "request-header-property" in id and (found := _HEADER_PROPERTY.search(text)):
        return Subject("parameter", place="header", name=found[1], path=found[2])
    if "parameter" in id and "media-type" not in id:
        return _parameter(text)
    if id.startswith("response-header") or id.endswith("response-header-removed"):
        return Subject("header", status=_first(_STATUS, text), name=_first(_HEADER, text))
    media = _first(_MEDIA_OF, text) or _first(_MEDIA, text)
    of_media = id.startswith(("request-body-media-type-removed", "response-media-type"))
    if id.startswith("response"):
        return Subject("response", _first(_STATUS, text), media, _path(id, text), of_media=of_media)
    if id.startswith("request") or "request-property" in id:
        return Subject("request", media=media, path=_path(id, text), of_media=of_media)
    return Subject("operation")


def _parameter(text: str) -> Subject:
    if found := _PARAMETER.search(text):
        path = _first(_ADJACENT, text) or _first(_PROPERTY, text)
        return Subject("parameter", place=found[1], name=found[2], path=path)
    if found := _PATH_PARAMETER.search(text):
        return Subject("parameter", place="path", name=found[1])
    return Subject("operation")


def _path(id: str, text: str) -> str:
    if "mediatype-enum" in id or "mediatype-became" in id:
        return ""
    if "-property" not in id:
        return ""
    return _first(_ADJACENT, text) or _first(_PROPERTY, text)


def _first(pattern: object, text: str) -> str:
    found = pattern.search(text)  # type: ignore[attr-defined]
    return next((group for group in found.groups() if group), "") if found else ""
