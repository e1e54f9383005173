"""A limit on the fields of a serialized message, checked before it is parsed.

protobuf's parser holds the GIL until it has finished. A message of tens of millions of tiny fields takes
it seconds, during which no other request proceeds; one with a few large fields takes milliseconds.
"""

from __future__ import annotations

from collections.abc import Iterator

from google.protobuf.descriptor import Descriptor

from serving.server.status import invalid_argument

_MOST_FIELDS = 2**20 + 10_000  # the strings of the largest string tensor, and some more
_SMALL = 2**20  # bytes; shorter parts are parsed in some hundredths of a second, whatever they hold
_WIDTHS = {1: 8, 5: 4}  # bytes of fixed-size fields, by wire type
_LENGTH_DELIMITED = 2


def check_field_count(message: bytes, kind: Descriptor) -> None:
    """Refuses a message of more than about a million fields.

    Only parts of more than one MiB are scanned. What is not a valid message passes: the parser refuses it.

    Args:
        message: the serialized message.
        kind: its type, which tells nested messages from strings.

    Raises:
        ServingError: INVALID_ARGUMENT.
    """
    parts = [(0, len(message), kind)]
    count = 0
    while parts:
        start, end, kind = parts.pop()
        if end - start <= _SMALL:
            continue
        for number, first, last in _fields(message, start, end):
            count += 1
            if count > _MOST_FIELDS:
                raise invalid_argument(
                    f"The request has more than {_MOST_FIELDS} inputs, values or examples: send fewer per"
                    " request."
                )
            field = kind.fields_by_number.get(number) if last - first > _SMALL else None
            if field is not None and field.message_type is not None:
                parts.append((first, last, field.message_type))


def _fields(message: bytes, position: int, end: int) -> Iterator[tuple[int, int, int]]:
    """Yields number, start and end of each field between two positions."""
    while position < end:
        tag, position = _varint(message, position, end)
        start = position
        if tag & 7 == _LENGTH_DELIMITED:
            length, start = _varint(message, position, end)
            position = min(start + length, end)
        elif tag & 7 == 0:
            _, position = _varint(message, position, end)
        else:
            position += _WIDTHS.get(tag & 7, 0)
        yield tag >> 3, start, position


def _varint(message: bytes, position: int, end: int) -> tuple[int, int]:
    """Returns a variable-length integer and the position after it."""
    value = shift = 0
    while position < end:
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80 or shift > 63:
            break
        shift += 7
    return value, position
