"""Stops a file that is too large while it comes in, so that it fills neither memory nor disk."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.files.uploadhandler import FileUploadHandler, SkipFile

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile
    from django.http import HttpRequest


class SizeLimitHandler(FileUploadHandler):
    """Drops a file above ``EVIDENCE_FILE_LIMIT``; the rest of the form arrives as ever.

    It stands before the handlers that keep the files, and passes on what is small enough.
    """

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        """Count, and pass on.

        Raises:
            SkipFile: the file is too large.
        """
        if start + len(raw_data) > settings.EVIDENCE_FILE_LIMIT:
            self.request.too_large = {**files_too_large(self.request), self.field_name: self.file_name}
            raise SkipFile
        return raw_data

    def file_complete(self, file_size: int) -> UploadedFile | None:  # noqa: ARG002 - given by the parser
        """Leave the file to the next handler."""
        return None


def files_too_large(request: HttpRequest) -> dict[str, str]:
    """Return the names of files that were dropped for their size, by field."""
    return getattr(request, "too_large", {})
