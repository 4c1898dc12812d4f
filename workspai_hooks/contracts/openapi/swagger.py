"""Swagger 2.0 as OpenAPI 3.0: what oasdiff has rules for.

oasdiff reads a Swagger 2 file as if it were OpenAPI 3 and misses in silence what has moved since: bodies,
response types, `definitions`. Source of the mapping: the two specifications, side by side.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workspai_hooks.contracts.openapi.description import Members, Operation, entries, members

if TYPE_CHECKING:
    from workspai_hooks.contracts.openapi.bundle import Bundle
    from workspai_hooks.contracts.openapi.places import Place

_NOT_SCHEMA = frozenset(
    ("name", "in", "required", "description", "collectionFormat", "allowEmptyValue", "schema")
)
_FORMS = ("multipart/form-data", "application/x-www-form-urlencoded")
_FLOWS = {"application": "clientCredentials", "accessCode": "authorizationCode"}
DEFAULT_MEDIA = "application/json"


def operation(bundle: Bundle, one: Operation, value: Members) -> Members:
    """An operation, with the parameters of its path item written into it."""
    from workspai_hooks.contracts.openapi.bundle import kept

    made = kept(value)
    parameters = all_parameters(bundle, one)
    plain = [each for each in parameters if each[1].get("in") not in ("body", "formData")]
    made["parameters"] = [_parameter(bundle, *each) for each in plain]
    body = _body(bundle, parameters, media_types(bundle.of.top, value, "consumes"))
    if body is not None:
        made["requestBody"] = body
    produced = media_types(bundle.of.top, value, "produces")
    responses = members(value.get("responses"))
    made["responses"] = {
        status: each
        if status.startswith("x-")
        else _response(bundle, one.place.child("responses", status), produced)
        for status, each in responses.items()
    }
    return made


def media_types(top: Members, value: Members, name: str) -> list[str]:
    """What an operation consumes or produces."""
    told = entries(value[name] if name in value else top.get(name))
    return [one for one in told if isinstance(one, str)] or [DEFAULT_MEDIA]


def all_parameters(bundle: Bundle, one: Operation) -> list[tuple[Place, Members]]:
    """An operation's own parameters and its path item's, which it may override; behind their references."""
    found: dict[tuple[object, object], tuple[Place, Members]] = {}
    item = members(bundle.of.library.at(one.item))
    for place, listed in ((one.item, item), (one.place, bundle.of.value(one))):
        for index, each in enumerate(entries(listed.get("parameters"))):
            where, value = bundle.behind(place.child("parameters", str(index)), each)
            parameter = members(value)
            found[parameter.get("in"), parameter.get("name")] = (where, parameter)
    return list(found.values())


def _parameter(bundle: Bundle, place: Place, value: Members) -> Members:
    made: Members = {
        key: value[key]
        for key in ("name", "in", "required", "description", "allowEmptyValue")
        if key in value
    }
    made.update({key: each for key, each in value.items() if key.startswith("x-")})
    made["schema"] = _inline_schema(bundle, place, value)
    if value.get("type") == "array" and value.get("in") in ("query", "cookie"):
        made["style"] = {"ssv": "spaceDelimited", "pipes": "pipeDelimited"}.get(
            str(value.get("collectionFormat")), "form"
        )
        made["explode"] = value.get("collectionFormat") == "multi"
    return made


def _inline_schema(bundle: Bundle, place: Place, value: Members) -> object:
    """The schema of a parameter or a header, which say it beside their name."""
    said = {key: each for key, each in value.items() if key not in _NOT_SCHEMA and not key.startswith("x-")}
    for key in ("x-nullable", "x-extensible-enum"):
        if key in value:
            said[key] = value[key]
    return bundle.schema(place, said)


def _body(bundle: Bundle, parameters: list[tuple[Place, Members]], consumed: list[str]) -> Members | None:
    for place, value in parameters:
        if value.get("in") == "body":
            schema = bundle.schema(place.child("schema"), value.get("schema", {}))
            content = {media: {"schema": schema} for media in consumed}
            return {"required": value.get("required", False), "content": content}
    fields = [(place, value) for place, value in parameters if value.get("in") == "formData"]
    if not fields:
        return None
    forms = [media for media in consumed if media in _FORMS]
    uploads = any(value.get("type") == "file" for _, value in fields)
    properties = {str(value.get("name")): _inline_schema(bundle, place, value) for place, value in fields}
    required = [str(value.get("name")) for _, value in fields if value.get("required") is True]
    schema = {"type": "object", "properties": properties, **({"required": required} if required else {})}
    content = {media: {"schema": schema} for media in forms or [_FORMS[0 if uploads else 1]]}
    return {"required": bool(required), "content": content}


def _response(bundle: Bundle, place: Place, produced: list[str]) -> object:
    place, value = bundle.behind(place, bundle.of.library.at(place))
    if not isinstance(value, dict):
        return value
    made: Members = {key: each for key, each in value.items() if key == "description" or key.startswith("x-")}
    if "schema" in value:
        schema = bundle.schema(place.child("schema"), value["schema"])
        made["content"] = {media: {"schema": schema} for media in produced}
    if "headers" in value:
        made["headers"] = {
            name: {"schema": _inline_schema(bundle, place.child("headers", name), members(each))}
            for name, each in members(value["headers"]).items()
        }
    return made


def modern_schema(value: Members) -> Members:
    """A schema's members (not those below it) as OpenAPI 3.0 calls them."""
    if value.get("type") == "file":
        value = {**value, "type": "string", "format": "binary"}
    if "x-nullable" in value:
        value = {**value, "nullable": value["x-nullable"] is True}
    if isinstance(value.get("discriminator"), str):
        value = {**value, "discriminator": {"propertyName": value["discriminator"]}}
    if "collectionFormat" in value:
        value = {key: each for key, each in value.items() if key != "collectionFormat"}
    return value


def security_schemes(definitions: Members) -> Members:
    """`securityDefinitions` as security schemes."""
    return {name: _security_scheme(members(value)) for name, value in definitions.items()}


def _security_scheme(value: Members) -> Members:
    if value.get("type") == "basic":
        return {"type": "http", "scheme": "basic"}
    if value.get("type") != "oauth2":
        return value
    told = str(value.get("flow"))
    flow = {key: value[key] for key in ("authorizationUrl", "tokenUrl") if key in value}
    return {
        "type": "oauth2",
        "flows": {_FLOWS.get(told, told): {**flow, "scopes": members(value.get("scopes"))}},
    }
