"""The web portal of the Almaty Process."""

from almaty_portal.celery import app as celery_app  # so that every process knows the broker

__all__ = ["celery_app"]
