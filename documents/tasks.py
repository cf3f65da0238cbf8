"""What the worker does, one row at a time."""

from celery import shared_task

from documents.renditions import make_rendition


# A run ends by itself within the minute (fault F11); the limits are for what nobody foresaw.
@shared_task(soft_time_limit=65, time_limit=75)
def render_rendition(rendition_id: int) -> None:
    """Make the PDF of a row that waits."""
    make_rendition(rendition_id=rendition_id)
