"""Ports: taken at once, closed until every model is there."""

import asyncio
import shutil
import socket
import threading
import time
from dataclasses import replace

import pytest

from serving.client import Client
from serving.server.embedded import EmbeddedServer
from serving.server.lifecycle.config import ModelConfig
from serving.server.options import ServerOptions
from serving.server.ports import PortInUseError, bind_tcp, open_tcp


def is_refused(address):
    host, port = address.split(":")
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except ConnectionRefusedError:
        return True
    return False


def test_ports_open_when_every_model_is_there(reverser, echo, tmp_path):
    base = tmp_path / "m"
    base.mkdir()
    options = ServerOptions(
        [ModelConfig("m", str(base)), ModelConfig("echo", str(echo))],
        grpc_port=0,
        rest_port=0,
        grpc_socket_path=str(tmp_path / "grpc.sock"),
        poll_wait_s=0.05,
    )
    server = EmbeddedServer(options)
    starting = threading.Thread(target=server.start)
    starting.start()
    try:
        addresses = [server.grpc_address, server.rest_address]
        end = time.monotonic() + 20
        while not any(one.state.name == "AVAILABLE" for one in server.models.versions("echo")):
            assert time.monotonic() < end
            time.sleep(0.05)
        # One model is there and the other is not: nobody is let in, and nobody else gets the ports.
        assert [is_refused(address) for address in addresses] == [True, True]
        assert not (tmp_path / "grpc.sock").exists()
        for flag, address in zip(("grpc_port", "rest_port"), addresses, strict=True):
            with pytest.raises(PortInUseError, match="in use by another process"):
                EmbeddedServer(replace(options, **{flag: int(address.rpartition(":")[2])}))
        shutil.copytree(reverser / "1", tmp_path / "unfinished")
        (tmp_path / "unfinished").rename(base / "1")
        starting.join(20)
        for address in (server.grpc_address, f"http://{server.rest_address}"):
            with Client(address, model="m") as client:
                assert client.translate(["a b"])[0].text == "b a"
        assert (tmp_path / "grpc.sock").exists()
    finally:
        server.stop()
        starting.join(20)
    assert [is_refused(address) for address in addresses] == [True, True]


def test_a_port_is_for_one_server_and_free_again_after_it():
    with bind_tcp("127.0.0.1", 0, flag="port") as first:
        port = first.getsockname()[1]
        with pytest.raises(PortInUseError, match="--port=PORT"):
            bind_tcp("127.0.0.1", port, flag="port")
        open_tcp(first, flag="port")
        with pytest.raises(PortInUseError, match="--port=PORT"):
            bind_tcp("127.0.0.1", port, flag="port")
        # This connection ends on the side of the server, which remembers it for a minute.
        client = socket.create_connection(("127.0.0.1", port), timeout=10)
        first.accept()[0].close()
        client.close()
    with bind_tcp("127.0.0.1", port, flag="port") as second:
        open_tcp(second, flag="port")


def test_small_replies_do_not_wait_for_acknowledgements():
    delayed = []

    async def accepted(reader, writer):
        delayed.append(
            writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 0
        )
        writer.close()

    async def connect():
        bound = bind_tcp("127.0.0.1", 0, flag="rest_api_port")
        open_tcp(bound, flag="rest_api_port")
        async with await asyncio.start_server(accepted, sock=bound):
            reader, writer = await asyncio.open_connection(*bound.getsockname())
            await reader.read()
            writer.close()
            await writer.wait_closed()

    asyncio.run(connect())
    assert delayed == [False]


@pytest.mark.parametrize("name", ["missing/grpc.sock", "x" * 200])
def test_a_unix_socket_that_cannot_be_is_told_at_once(echo, tmp_path, name):
    options = ServerOptions(
        [ModelConfig("echo", str(echo))], grpc_port=None, grpc_socket_path=str(tmp_path / name)
    )
    with pytest.raises(PortInUseError, match="--grpc_socket_path=PATH"):
        EmbeddedServer(options)


def test_what_an_ended_server_left_of_its_unix_socket_is_replaced(reverser, tmp_path):
    path = tmp_path / "grpc.sock"
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(path))
    options = ServerOptions([ModelConfig("m", str(reverser))], grpc_port=None, grpc_socket_path=str(path))
    with EmbeddedServer(options), Client(f"unix:{path}", model="m") as client:
        assert client.translate(["a b"])[0].text == "b a"
