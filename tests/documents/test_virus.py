"""The virus scanner: its protocol, spoken with a server that keeps to it (issue 4, point 8)."""

import socketserver
import struct
import threading

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import translation

from almaty_portal import env
from almaty_portal.common.errors import DomainError
from documents import uploads

# The harmless file by which scanners are tried; in two parts, or this file would be refused.
EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"
LIMIT = 1024 * 1024


class Clamd(socketserver.StreamRequestHandler):
    """As `man clamd` says: zINSTREAM, chunks with their length in four bytes, a zero, the reply."""

    def handle(self):
        if self.rfile.read(10) != b"zINSTREAM\0":
            self.wfile.write(b"UNKNOWN COMMAND\0")
            return
        content = b""
        while size := struct.unpack("!L", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
        self.server.scanned.append(content)
        if len(content) > LIMIT:
            self.wfile.write(b"INSTREAM size limit exceeded. ERROR\0")
        elif EICAR in content:
            self.wfile.write(b"stream: Eicar-Test-Signature FOUND\0")
        else:
            self.wfile.write(b"stream: OK\0")


@pytest.fixture(params=["tcp", "unix"])
def clamd(request, settings, tmp_path):
    socket = str(tmp_path / "clamd.sock")
    server = (
        socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd)
        if request.param == "tcp"
        else socketserver.ThreadingUnixStreamServer(socket, Clamd)
    )
    server.scanned = []
    port = server.server_address[1] if request.param == "tcp" else 0
    settings.CLAMD_URL = f"tcp://127.0.0.1:{port}" if port else f"unix://{socket}"
    with server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def check(content):
    with translation.override("en"):
        uploads.check_file(SimpleUploadedFile("a.txt", content), ["txt"])


def test_the_whole_file_is_scanned_and_taken(clamd):
    content = b"0123456789" * 20_000  # several chunks
    check(content)
    assert clamd.scanned == [content]


def test_an_infected_file_is_refused_with_what_was_found(clamd):
    with pytest.raises(DomainError, match=r"found something in the file \(Eicar-Test-Signature\)"):
        check(EICAR)


def test_a_file_that_could_not_be_scanned_is_refused(clamd):
    with pytest.raises(DomainError, match="does not answer"):
        check(b"a" * (LIMIT + 1))


def test_a_scanner_that_is_down_lets_nothing_in(settings):
    settings.CLAMD_URL = "tcp://127.0.0.1:1"
    with pytest.raises(DomainError, match="scanner does not answer"):
        check(b"text")


def test_without_a_scanner_files_are_taken(settings):
    settings.CLAMD_URL = ""
    check(EICAR)


@pytest.mark.parametrize("value", ["clamd.example.org", "http://clamd", "unix:", "tcp:"])
def test_a_wrong_address_says_how_to_write_it(monkeypatch, value):
    monkeypatch.setenv("CLAMD_URL", value)
    with pytest.raises(ImproperlyConfigured, match="write tcp://"):
        env.scanner("CLAMD_URL")
