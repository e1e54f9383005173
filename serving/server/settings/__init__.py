"""The server's configuration files: text protobufs, read strictly."""
