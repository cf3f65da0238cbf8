"""F15: the embedded servers on a strange machine, started twice, killed midway. Real processes."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parents[2]
OWN_VARIABLES = {"DATABASE_URL", "REDIS_URL", "VAR_DIR", "ALMATY_EMBEDDED_EPHEMERAL"}
# Keeps a number in both servers and prints what was there before.
COUNT = """
import os, psycopg, redis
with psycopg.connect(os.environ["DATABASE_URL"]) as base:
    base.execute("CREATE TABLE IF NOT EXISTS counted (n int)")
    rows = base.execute("SELECT count(*) FROM counted").fetchone()[0]
    base.execute("INSERT INTO counted VALUES (1)")
broker = redis.Redis.from_url(os.environ["REDIS_URL"])
print(rows, broker.incr("counted") - 1, flush=True)
"""
THEN_WAIT = COUNT + "\nimport sys; sys.stdin.read()"

pytestmark = pytest.mark.processes


def words(var: Path | None, *command: str) -> list[str]:
    place = ["--ephemeral"] if var is None else ["--var", str(var)]
    return [sys.executable, "-m", "almaty_portal.embedded", *place, "--", *command]


def environment(**more: str) -> dict[str, str]:
    kept = {key: value for key, value in os.environ.items() if key not in OWN_VARIABLES}
    return {**kept, "LANG": "C", "LC_ALL": "C", "PYTHONUTF8": "1", **more}


def run(var: Path | None, *command: str, **more: str) -> subprocess.CompletedProcess:
    return subprocess.run(
        words(var, *command),
        cwd=PROJECT,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=60,
    )


def python(var: Path | None, program: str, **more: str) -> str:
    """What a Python program prints with the servers up."""
    done = run(var, sys.executable, "-c", program, **more)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def holds(condition: Callable[[], bool], seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def pids(var: Path) -> dict[str, int]:
    note = json.loads((var / "servers/embedded.json").read_text())
    return {name: note[name] for name in ("postgres", "valkey")}


@pytest.fixture
def var(tmp_path: Path) -> Iterator[Path]:
    """A data folder with a long name and a space, which the servers' account can reach."""
    tmp_path.chmod(0o755)
    for parent in tmp_path.parents:
        if parent.stat().st_uid == os.geteuid() and parent.name.startswith("pytest-"):
            parent.chmod(0o755)
    yield tmp_path / "папка with a space" / ("long-" * 12) / "var"
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.fixture
def start(var: Path) -> Iterator[Callable[..., subprocess.Popen]]:
    """Start the counting program with the servers up; it waits until its input ends."""
    started: list[subprocess.Popen] = []

    def begin() -> subprocess.Popen:
        process = subprocess.Popen(
            words(var, sys.executable, "-c", THEN_WAIT),
            cwd=PROJECT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        started.append(process)
        assert process.stdout
        process.counted = process.stdout.readline().strip()
        return process

    yield begin
    for process in started:
        process.stdin.close()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        process.stdout.close()


def test_second_start_finds_the_data_and_the_exit_status_passes(var: Path) -> None:
    """F15."""
    assert python(var, COUNT) == "0 0"
    assert python(var, COUNT) == "1 1"
    assert run(var, "sh", "-c", "exit 7").returncode == 7
    assert run(var, "no-such-command").returncode == 127


def test_cyrillic_and_extensions_under_lang_c() -> None:
    """F15: the portal's role is no superuser and creates the extensions it needs."""
    answer = python(
        None,
        """
import os, psycopg
with psycopg.connect(os.environ["DATABASE_URL"]) as base:
    for extension in ("btree_gist", "pg_trgm", "unaccent", "citext"):
        base.execute(f"CREATE EXTENSION {extension}")
    print(*base.execute(
        "SELECT lower('ЁЛКА ҚАЗАҚСТАН'), similarity('беженец', 'беженцы') > 0.3, "
        "current_setting('TimeZone'), usesuper, usecreatedb "
        "FROM pg_user WHERE usename = current_user"
    ).fetchone(), sep="|")
""",
    )
    assert answer == "ёлка қазақстан|True|UTC|False|True"


def test_servers_end_with_a_killed_owner_and_the_next_start_recovers(var: Path, start) -> None:
    """F15: SIGKILL of the owner."""
    owner = start()
    assert owner.counted == "0 0"
    servers = pids(var)
    owner.kill()
    assert holds(lambda: not any(map(is_alive, servers.values())))
    assert python(var, COUNT) == "1 1"


def test_everything_killed_at_once_recovers(var: Path, start) -> None:
    """F15: SIGKILL of the owner and its servers, as when a machine loses power."""
    owner = start()
    time.sleep(1.2)  # Valkey's file is synced every second
    for pid in (owner.pid, *pids(var).values()):
        os.kill(pid, signal.SIGKILL)
    assert (var / "servers/pg/postmaster.pid").exists()
    assert python(var, COUNT) == "1 1"


def test_stale_pid_file_that_names_another_process_is_no_obstacle(var: Path) -> None:
    """F15: after a restart of the machine the old number may be anybody's."""
    assert python(var, COUNT) == "0 0"
    owner = (var / "servers/pg").stat()
    account = {"user": owner.st_uid, "group": owner.st_gid} if os.geteuid() == 0 else {}
    with subprocess.Popen(["sleep", "60"], cwd="/", **account) as bystander:
        try:
            (var / "servers/pg/postmaster.pid").write_text(f"{bystander.pid}\n/elsewhere\n")
            assert python(var, COUNT) == "1 1"
            assert bystander.poll() is None
        finally:
            bystander.kill()


def test_second_command_attaches_and_the_owner_waits_for_it(var: Path, start) -> None:
    """One set of servers on one data folder."""
    owner = start()
    servers = pids(var)
    guest = start()
    assert guest.counted == "1 1"
    assert pids(var) == servers
    owner.stdin.close()
    with pytest.raises(subprocess.TimeoutExpired):
        owner.wait(2)
    assert python(var, COUNT) == "2 2"
    guest.stdin.close()
    assert guest.wait(20) == 0
    assert owner.wait(20) == 0
    assert not any(map(is_alive, servers.values()))


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_command_and_servers(var: Path, start, number: signal.Signals) -> None:
    """No process and no socket stays."""
    owner = start()
    servers = pids(var)
    owner.send_signal(number)
    assert owner.wait(20) in {128 + number, 1}
    assert not any(map(is_alive, servers.values()))
    assert not (var / "servers/embedded.json").exists()
    assert not (var / "servers/pg/postmaster.pid").exists()


def test_a_server_that_dies_is_started_again(var: Path, start) -> None:
    """F9: on the same sockets, so that the portal finds it."""
    start()
    before = pids(var)
    for pid in before.values():
        os.kill(pid, signal.SIGKILL)
    assert holds(lambda: not set(pids(var).values()) & set(before.values()))
    rows, _ = python(var, COUNT).split()
    assert rows == "1"


def test_it_steps_aside_for_servers_of_ones_own(var: Path) -> None:
    own = {"DATABASE_URL": "postgresql://elsewhere/portal", "REDIS_URL": "redis://elsewhere"}
    assert run(var, "printenv", "DATABASE_URL", **own).stdout.strip() == own["DATABASE_URL"]
    assert not var.exists()
    half = run(var, "true", DATABASE_URL=own["DATABASE_URL"])
    assert half.returncode == 1
    assert "Only one of DATABASE_URL and REDIS_URL is set" in half.stderr


def test_ephemeral_servers_leave_nothing() -> None:
    place = Path(python(None, "import os; print(os.environ['VAR_DIR'])"))
    assert place.parent.name.startswith("almaty-test-")
    assert not place.parent.exists()


def test_missing_servers_are_one_sentence(var: Path) -> None:
    """Where neither the dependencies nor the machine has PostgreSQL."""
    done = run(var, "true", POSTGRES_BIN="/nowhere")
    assert done.returncode == 1
    assert "set DATABASE_URL and REDIS_URL to servers of your own" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs servers as another account")
def test_root_keeps_the_data_where_the_servers_account_reaches_it(tmp_path: Path) -> None:
    """F15: a project under /root, which nobody else may open."""
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    try:
        assert python(closed / "var", COUNT) == "0 0"
        assert python(closed / "var", COUNT) == "1 1"
        place = (closed / "var/servers").resolve()
        assert place.parent == Path("/var/lib/almaty-portal")
        assert (place / "pg").stat().st_uid != 0
    finally:
        shutil.rmtree((closed / "var/servers").resolve(), ignore_errors=True)
