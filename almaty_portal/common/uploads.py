"""Uploads that end in time: what is too large is not kept, not even for a moment (fault F14)."""

import io
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload
from django.http import HttpRequest


class LimitedUpload(FileUploadHandler):
    """Stops an upload past `limit` bytes; the request's `upload_too_large` tells.

    Put it first: `request.upload_handlers.insert(0, LimitedUpload(request, limit))`, before
    anything reads the form. What comes after the limit is read and thrown away, so that the sender
    gets an answer; past ten times the limit the connection is given up.
    """

    def __init__(self, request: HttpRequest, limit: int) -> None:
        super().__init__(request)
        self.limit, self.read = limit, 0
        self.far_too_large = False

    def handle_raw_input(
        self,
        input_data: Any,
        META: dict[str, Any],
        content_length: int,
        boundary: Any,
        encoding: str | None = None,
    ) -> None:
        self.far_too_large = content_length > 10 * self.limit

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        self.read += len(raw_data)
        if self.far_too_large or self.read > self.limit:
            self.request.upload_too_large = True  # type: ignore[union-attr]
            raise StopUpload(connection_reset=self.far_too_large)
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


class BoundedUpload(FileUploadHandler):
    """The first handler of every upload: what passes `UPLOAD_MAX_BYTES` is read and not kept.

    The rest of the form arrives whole. In place of the file stands an empty one that tells the size
    sent, so that whoever checks the size refuses it with a sentence.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.read = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.read += len(raw_data)
        return raw_data if self.read <= settings.UPLOAD_MAX_BYTES else None

    def file_complete(self, file_size: int) -> UploadedFile | None:
        if self.read <= settings.UPLOAD_MAX_BYTES:
            return None
        for handler in self.request.upload_handlers if self.request else []:
            if file := getattr(handler, "file", None):
                file.close()
        return UploadedFile(file=io.BytesIO(), name=self.file_name, content_type="", size=self.read)
