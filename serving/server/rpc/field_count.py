"""A bound on the fields of a serialized message, looked at before it is parsed.

protobuf's parser holds Python's lock until it is done. A message of millions of tiny fields takes it
seconds, in which no other request goes on; one of few large fields takes it milliseconds.
"""

from __future__ import annotations

from serving.server.status import invalid_argument

_MOST_FIELDS = 10_000  # on the top level: inputs, tasks, names
_WIDTHS = {1: 8, 5: 4}  # bytes of fixed-size fields, by wire type


def check_field_count(message: bytes) -> None:
    """Refuses a message of more than ten thousand fields on its top level.

    What is no protobuf message at all passes; the parser refuses it.

    Raises:
        ServingError: INVALID_ARGUMENT.
    """
    position = count = 0
    while position < len(message):
        tag, position = _varint(message, position)
        wire_type = tag & 7
        if wire_type == 2:
            length, position = _varint(message, position)
            position += length
        elif wire_type == 0:
            _, position = _varint(message, position)
        else:
            position += _WIDTHS.get(wire_type, 0)
        count += 1
        if count > _MOST_FIELDS:
            raise invalid_argument(
                f"The request has more than {_MOST_FIELDS} inputs, tasks or names: send fewer in a request."
            )


def _varint(message: bytes, position: int) -> tuple[int, int]:
    """A variable-length integer and the position after it; what is cut off ends the message."""
    value = shift = 0
    while position < len(message):
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80 or shift > 63:
            return value, position
        shift += 7
    return value, len(message)
