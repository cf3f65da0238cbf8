#!/bin/sh
# Run once by the database container on an empty volume: the portal's role, which is no superuser,
# and its database.
set -eu
psql --username postgres --set ON_ERROR_STOP=1 --set password="$PORTAL_DATABASE_PASSWORD" <<'SQL'
CREATE ROLE portal LOGIN PASSWORD :'password';
CREATE ROLE portal_app NOLOGIN;
GRANT portal_app TO portal;
CREATE DATABASE portal OWNER portal;
REVOKE CONNECT ON DATABASE portal FROM PUBLIC;
SQL
