"""What the worker does, one row at a time."""

from celery import shared_task

from documents.packs import make_pack_file
from documents.renditions import make_rendition


# A run ends by itself within the minute (fault F11); the limits are for what nobody foresaw.
@shared_task(soft_time_limit=65, time_limit=75)
def render_rendition(rendition_id: int) -> None:
    """Make the PDF of a row that waits."""
    make_rendition(rendition_id=rendition_id)


# A pack may have hundreds of pages; its processes end by themselves, those that read its files
# within `packfiles.SECONDS` and one more, that which sets its pages within `PackFile.SECONDS`.
@shared_task(soft_time_limit=390, time_limit=400)
def render_pack(file_id: int) -> None:
    """Make the PDF of a pack of documents that waits."""
    make_pack_file(file_id=file_id)
