"""Kept files in an S3 bucket (FILES_URL=s3://…)."""

from typing import Any

from boto3.exceptions import Boto3Error
from botocore.exceptions import BotoCoreError, ClientError
from django.core.files.base import File
from storages.backends.s3 import S3Storage


class BucketStorage(S3Storage):
    """A bucket whose faults are OSError, as those of a disk: whoever keeps a file expects them."""

    def _save(self, name: str, content: File) -> str:
        try:
            return super()._save(name, content)
        except (Boto3Error, BotoCoreError, ClientError) as error:
            raise OSError(str(error)) from error

    def _open(self, name: str, mode: str = "rb") -> Any:
        try:
            return super()._open(name, mode)
        except (Boto3Error, BotoCoreError, ClientError) as error:
            raise OSError(str(error)) from error
