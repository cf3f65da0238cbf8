"""Is this container's process well? `deploy/health.py web|worker|jobs|beat`; status 0 is yes."""

import http.client
import os
import subprocess
import sys
import time
from pathlib import Path

BEAT_LATE_SECONDS = 400  # beat writes its schedule every three minutes


def web() -> bool:
    """Whether the web server answers, asked by the name that it is known by."""
    host = os.environ.get("ALLOWED_HOSTS", "localhost").split(",")[0].strip().lstrip(".*")
    connection = http.client.HTTPConnection("127.0.0.1", 8000, timeout=8)
    connection.request("GET", "/healthz", headers={"Host": host or "localhost"})
    return connection.getresponse().status == 200


def worker(kind: str = "worker") -> bool:
    """Whether this container's worker answers through the broker."""
    name = f"{kind}@{os.uname().nodename}"
    command = [sys.executable, "-m", "celery", "-A", "almaty_portal.celery", "--quiet"]
    command += ["inspect", "ping", "--timeout", "10", "--destination", name]
    done = subprocess.run(command, capture_output=True, timeout=28, check=False)  # noqa: S603 -- own
    return done.returncode == 0


def beat() -> bool:
    """Whether beat still writes its schedule; `/readyz` says whether its tasks arrive."""
    var = Path(os.environ.get("VAR_DIR") or Path(__file__).resolve().parent.parent / "var")
    written = [path.stat().st_mtime for path in var.glob("celerybeat-schedule*")]
    return bool(written) and time.time() - max(written) < BEAT_LATE_SECONDS


if __name__ == "__main__":
    try:
        checks = {"web": web, "worker": worker, "jobs": lambda: worker("jobs"), "beat": beat}
        sys.exit(0 if checks[sys.argv[1]]() else 1)
    except (OSError, http.client.HTTPException, subprocess.TimeoutExpired) as error:
        sys.exit(f"no answer: {error}")
