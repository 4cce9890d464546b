r"""Canonical MessagePack: one value, one encoding.

Rules (spec/01-encoding): nil, booleans, integers within ±(2⁵³-1) in their shortest form, UTF-8 strings
without lone surrogates, byte strings, arrays, and maps with string keys sorted by their UTF-8 bytes, no
duplicates. No floats, no extension types, nothing behind the end. Whatever else arrives is refused:
`decode` encodes again and compares.

>>> encode({"b": 1, "a": [True, None]})
b'\x82\xa1a\x92\xc3\xc0\xa1b\x01'
>>> decode(b'\x81\xa1a\x01')
{'a': 1}
>>> decode(b'\xcd\x00\x01')
Traceback (most recent call last):
    ...
protocol.errors.RemoteProtocolError: the bytes are not the canonical encoding of their value

Source: MessagePack specification; spec/01-encoding.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

import msgpack

from protocol.errors import Code, LocalProtocolError, RemoteProtocolError
from protocol.limits import DEPTH_MAX
from protocol.units import INTEGER_MAX

Value = Any
"""None, bool, int, str, bytes, list of values, or dict from str to value."""


class _NotEncodableError(Exception):
    """A value has no canonical encoding; the text says why."""


def encode(value: Value) -> bytes:
    """Give the canonical bytes of `value`.

    Args:
        value: None, bool, int within ±(2⁵³-1), str, bytes, a sequence or a mapping with str keys.

    Returns:
        Canonical MessagePack.

    Raises:
        LocalProtocolError: The value has no canonical encoding (a float, a huge integer, …).
    """
    try:
        return _pack(_normal(value, DEPTH_MAX))
    except (_NotEncodableError, ValueError, UnicodeEncodeError) as error:
        raise LocalProtocolError(Code.WRONG_TYPE, str(error)) from error


def decode(data: bytes) -> Value:
    """Read one value from canonical bytes.

    Args:
        data: All the bytes of one value.

    Returns:
        The value, with lists for arrays and dicts for maps.

    Raises:
        RemoteProtocolError: `malformed` for what is no MessagePack value, `not_canonical` for a value that would be
            written otherwise or that the rules leave out.
    """
    value = _unpack(data)
    if _is_normal(value, DEPTH_MAX) and _pack(value) == data:
        return value
    try:
        again = _pack(_normal(value, DEPTH_MAX))
    except (_NotEncodableError, ValueError) as error:
        raise RemoteProtocolError(Code.NOT_CANONICAL, str(error)) from error
    if again != data:
        raise RemoteProtocolError(Code.NOT_CANONICAL, "the bytes are not the canonical encoding of their value")
    return value


def encode_flat(value: list[Value]) -> bytes:
    """Give the canonical bytes of an array whose items the caller has made itself.

    This is the fast path of leaves: no walk over the value, 0.5 µs for 2.7 µs of `encode`.

    Args:
        value: Items that are None, bool, int within ±(2⁵³-1), str or bytes; other items are not looked for.

    >>> encode_flat([b"id", 7, None]) == encode([b"id", 7, None])
    True
    """
    return _pack(value)


def decode_flat(data: bytes) -> list[Value]:
    """Read an array that holds no maps; the caller checks the type of each field.

    This is the fast path of records and leaves: no walk over the value, one encoding to compare.

    Args:
        data: All the bytes of one array.

    Returns:
        The array. Floats and huge integers are not looked for: the caller's type checks refuse them.

    Raises:
        RemoteProtocolError: `malformed` or `not_canonical`.
    """
    value = _unpack(data, maps=False)
    if not isinstance(value, list):
        raise RemoteProtocolError(Code.MALFORMED, "an array was wanted")
    if _pack(value) != data:
        raise RemoteProtocolError(Code.NOT_CANONICAL, "the bytes are not the canonical encoding of their value")
    return value


def _pack(value: Value) -> bytes:
    packed: bytes = msgpack.packb(value, use_bin_type=True)
    return packed


def _refuse_extension(code: int, _data: bytes) -> NoReturn:
    raise ValueError(f"extension type {code} is not allowed")


def _refuse_map(_pairs: object) -> NoReturn:
    raise ValueError("a map is not allowed here")


def _unpack(data: bytes, *, maps: bool = True) -> Value:
    try:
        return msgpack.unpackb(
            data,
            raw=False,
            strict_map_key=True,
            ext_hook=_refuse_extension,
            object_pairs_hook=None if maps else _refuse_map,
        )
    except (ValueError, RecursionError, msgpack.exceptions.UnpackException) as error:
        raise RemoteProtocolError(Code.MALFORMED, f"not a MessagePack value: {_short(error)}") from error


def _short(error: Exception) -> str:
    text = str(error) or type(error).__name__
    return text if len(text) <= 120 else text[:120] + "…"


def _is_normal(value: Value, depth: int) -> bool:
    """Say whether what was unpacked is in its canonical form already, as nearly everything that arrives is.

    Half the time of making the normal form anew: nothing is built, only looked at.
    """
    kind = type(value)
    if kind is str or kind is bytes or kind is bool or value is None:
        return True
    if kind is int:
        return bool(-INTEGER_MAX <= value <= INTEGER_MAX)
    if depth == 0:
        return False
    if kind is dict:
        before = ""
        for key, item in value.items():
            if type(key) is not str or (key <= before and before) or not _is_normal(item, depth - 1):
                return False
            before = key
        return True
    return kind is list and all(_is_normal(item, depth - 1) for item in value)


def _normal(value: Value, depth: int) -> Value:
    """Give `value` with sorted maps, or say why it has no canonical form."""
    if value is None or value is True or value is False or type(value) in {str, bytes}:
        return value
    if type(value) is int:
        if not -INTEGER_MAX <= value <= INTEGER_MAX:
            raise _NotEncodableError(f"the integer {value} is outside ±(2**53-1)")
        return value
    if depth == 0:
        raise _NotEncodableError(f"more than {DEPTH_MAX} levels of arrays and maps")
    if isinstance(value, Mapping):
        for key in value:
            if type(key) is not str:
                raise _NotEncodableError(f"a map key of type {type(key).__name__}; only text is allowed")
        return {key: _normal(value[key], depth - 1) for key in sorted(value)}
    if isinstance(value, Sequence) and not isinstance(value, (str, bytes, bytearray, memoryview)):
        return [_normal(item, depth - 1) for item in value]
    raise _NotEncodableError(f"a value of type {type(value).__name__} has no canonical form")
