"""JSON-RPC messages as read from the wire, and parameters checked against the protocol's types."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NamedTuple, get_args

from attrs import define, fields, fields_dict, has
from cattrs import transform_error
from lsprotocol import types
from pygls.protocol import default_converter

if TYPE_CHECKING:
    from cattrs import Converter

MessageId = str | int

PARSE_ERROR = -32700
INVALID_REQUEST = -32600
METHOD_NOT_FOUND = -32601
INVALID_PARAMS = -32602
INTERNAL_ERROR = -32603
SERVER_NOT_INITIALIZED = -32002
REQUEST_CANCELLED = -32800
REQUEST_FAILED = -32803

_MAX_UINT = 2**31 - 1
# Read leniently where they are used: one odd capability must not keep a client out.
_RAW = frozenset({types.INITIALIZE})


@define
class Incoming:
    """A request (with an id) or a notification that waits for its turn."""

    method: str
    params: Any
    id: MessageId | None = None
    answered: bool = False
    size: int = 0
    """Bytes that it took on the wire."""

    @property
    def uri(self) -> str:
        """The document it is about, for the log."""
        document = self.params.get("textDocument") if isinstance(self.params, dict) else None
        return str(document.get("uri", "-")) if isinstance(document, dict) else "-"


class InvalidParamsError(Exception):
    """The parameters do not fit the method."""


class RequestFailedError(Exception):
    """What was asked for cannot be done; the message is for the user."""


def make_converter() -> Converter:
    """The protocol's converter, strict where the usual one turns anything into a string."""
    converter: Converter = default_converter()  # type: ignore[no-untyped-call]
    converter.register_structure_hook(str, _string)
    converter.register_structure_hook(types.Position, _position)
    # The alias in ``types`` is made of forward references and would never match.
    change = types.TextDocumentContentChangePartial | types.TextDocumentContentChangeWholeDocument
    converter.register_structure_hook(change, lambda value, _: _change(value, converter))
    return converter


def preparing(converter: Converter, method: str) -> Iterator[None]:
    """Have the converter ready for a method's parameters and result, in small steps: else its first call waits."""
    if method not in types.METHOD_TO_TYPES or method in _RAW:
        return
    _, response, params, _ = types.METHOD_TO_TYPES[method]
    if params is not None:
        for part in _classes(params):
            converter.get_structure_hook(part)
            yield
    result = fields_dict(response)["result"].type if response is not None and has(response) else None
    for part in _classes(result):
        converter.get_unstructure_hook(part)
        yield


def _classes(wanted: Any) -> list[type]:
    """The protocol's classes that a type is made of, inner ones first."""
    found: dict[Any, None] = {}
    queue = [wanted]
    for part in queue:
        if part in found:
            continue
        found[part] = None
        queue += [field.type for field in fields(part)] if isinstance(part, type) and has(part) else get_args(part)
    return [part for part in reversed(found) if isinstance(part, type) and has(part)]


def structure(converter: Converter, method: str, params: Any) -> Any:
    """The method's typed parameters; raises InvalidParamsError, naming the first fault."""
    if method in _RAW:
        if isinstance(params, dict) and isinstance(params.get("capabilities"), dict):
            return params
        raise InvalidParamsError(f"{method} needs an object with `capabilities`")
    wanted: Any = types.METHOD_TO_TYPES[method][2] if method in types.METHOD_TO_TYPES else None
    if wanted is None:
        return params
    if not isinstance(params, dict):
        # A method without required parameters may come without any.
        if params is not None:
            raise InvalidParamsError(f"the parameters of {method} must be an object")
        params = {}
    try:
        return converter.structure(params, wanted)
    except Exception as error:
        faults = transform_error(error)
        raise InvalidParamsError(f"the parameters of {method} are malformed: {faults[0]}") from error


def own_params(method: str, params: Any, **kinds: type) -> dict[str, Any]:
    """The parameters of a method of ours: an object whose fields, where they are there, are of the kinds named."""
    if not isinstance(params, dict):
        raise InvalidParamsError(f"the parameters of {method} must be an object")
    for name, kind in kinds.items():
        value = params.get(name)
        if value is not None and (not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool)):
            raise InvalidParamsError(f"the parameters of {method} are malformed: `{name}` must be {_KINDS[kind]}")
    return params


_KINDS = {str: "a text", int: "a whole number", bool: "true or false", dict: "an object"}


def position_of(value: Any) -> types.Position:
    """A position in the parameters of a method of ours."""
    try:
        return _position(value, types.Position)
    except (KeyError, TypeError, ValueError):
        raise InvalidParamsError("`position` must have `line` and `character`, whole numbers from 0") from None


def _string(value: Any, _: type) -> str:
    if not isinstance(value, str):
        raise TypeError("not a string")
    return value


def _position(value: Any, _: type) -> types.Position:
    numbers = (value["line"], value["character"])
    if any(isinstance(n, bool) or not isinstance(n, int) or n < 0 for n in numbers):
        raise ValueError("not a position")
    # Some clients say "the end" with the largest number they have.
    return types.Position(*(min(n, _MAX_UINT) for n in numbers))


def _change(value: Any, converter: Converter) -> types.TextDocumentContentChangeEvent:
    text = _string(value["text"], str)
    if value.get("range") is None:
        return types.TextDocumentContentChangeWholeDocument(text)
    return types.TextDocumentContentChangePartial(converter.structure(value["range"], types.Range), text)


class Written(NamedTuple):
    """An answer that is JSON text already: for long ones, which the protocol's types make ten times dearer."""

    text: str
