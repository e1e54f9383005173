"""Session options, from a ConfigProto."""

from __future__ import annotations

from tensorflow.core.protobuf import config_pb2

from serving.server.settings.text_proto import read_text_proto


def read_session_file(path: str) -> config_pb2.ConfigProto:
    """The session configuration in a text protobuf.

    Raises:
        ServingError: it cannot be read or parsed.
    """
    return read_text_proto(path, config_pb2.ConfigProto(), "tensorflow.ConfigProto")
