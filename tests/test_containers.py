"""The container files, as far as they can be checked without a container engine."""

from __future__ import annotations

import fnmatch
import re
import shlex
import shutil
import subprocess
import zipfile
from pathlib import Path
from typing import Any

import dj_database_url
import pytest
import yaml

ROOT = Path(__file__).parent.parent
DOCKERFILE = ROOT / "Dockerfile"
COMPOSE = ROOT / "compose.yaml"
GUIDE = ROOT / "docs/guides/install.md"
VARIABLE = re.compile(r"\$\{(\w+)(:[?-][^}]*)?\}")
SECRETS = {"CAPILLARY_SECRET_KEY", "POSTGRES_PASSWORD"}
SAMPLE = {
    "CAPILLARY_HOSTS": "check.example.org",
    "CAPILLARY_SECRET_KEY": "x" * 60,
    "POSTGRES_PASSWORD": "abc123",
}


def names_of_settings() -> set[str]:
    """The environment variables that the settings read."""
    source = (ROOT / "src/capillary/web/settings.py").read_text("utf-8")
    found = re.findall(r"""(?:environ(?:\.get\(|\[)|_flag\(|_words\()\s*"([A-Z_]+)\"""", source)
    # what dj_database_url.config() reads by itself
    return {*found, "DATABASE_URL"}


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions: word and rest, with continued lines joined and comments left out."""
    text = re.sub(r"\\\n", " ", DOCKERFILE.read_text("utf-8"))
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split()[0], line.split(maxsplit=1)[1]) for line in lines]


def copied() -> list[str]:
    """What is copied from the repository."""
    found = []
    for word, rest in instructions():
        if word == "COPY" and "--from" not in rest:
            found += rest.split()[:-1]
    return found


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load(COMPOSE.read_text("utf-8")))


def test_whatever_is_copied_exists_and_is_sent_to_the_builder() -> None:
    sources = copied()
    assert sources
    assert [source for source in sources if not (ROOT / source).exists()] == []
    rules = [
        line for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines() if line[:1] not in {"", "#"}
    ]
    assert rules[0] == "*", "everything stays out that is not named"
    sent = [rule[1:] for rule in rules if rule.startswith("!")]
    assert [
        source for source in sources if not any(f"{source}/".startswith(f"{rule}/") for rule in sent)
    ] == []
    assert [rule for rule in sent if not (ROOT / rule).exists()] == []
    # nothing else is let through that somebody would not want to find in an image
    assert [rule for rule in sent if fnmatch.fnmatch(rule, "*.env") or rule.startswith("var")] == []


def test_it_runs_without_rights_and_without_secrets() -> None:
    words = instructions()
    users = [rest for word, rest in words if word == "USER"]
    assert users[-1:] == ["capillary"]
    text = DOCKERFILE.read_text("utf-8")
    assert not re.search(r"(?i)password|secret|token", text)
    settings = dict(item.split("=", 1) for word, rest in words if word == "ENV" for item in shlex.split(rest))
    assert settings["CAPILLARY_PRODUCTION"] == "1"
    assert {name for name in settings if name.startswith("CAPILLARY")} <= names_of_settings()
    assert [rest for word, rest in words if word == "HEALTHCHECK" and '"--check"' in rest]


def test_the_command_of_the_image_is_one_that_there_is() -> None:
    import json

    from capillary.cli.serve import command

    options = {name for option in command.params for name in option.opts}
    for word, rest in instructions():
        if word in {"CMD", "HEALTHCHECK"}:
            arguments = json.loads(rest[rest.index("[") :])
            assert arguments[:2] == ["capillary", "serve"]
            assert {argument for argument in arguments if argument.startswith("--")} <= options


def test_compose_sets_only_what_the_settings_read() -> None:
    web = compose()["services"]["web"]
    assert set(web["environment"]) <= names_of_settings()
    assert web["environment"]["CAPILLARY_PRODUCTION"] == "1"


def test_compose_names_no_secret_and_gives_none_a_default() -> None:
    lines = COMPOSE.read_text("utf-8").splitlines()
    text = "\n".join(line for line in lines if not line.lstrip().startswith("#"))
    defaults = dict(VARIABLE.findall(text))
    assert set(defaults) >= SECRETS
    assert set(defaults) <= names_of_settings() | {"POSTGRES_PASSWORD"}
    for name in SECRETS:
        assert defaults[name].startswith(":?"), name


def test_the_web_and_its_database_agree() -> None:
    services = compose()["services"]
    address = VARIABLE.sub(
        lambda found: SAMPLE.get(found[1], ""), services["web"]["environment"]["DATABASE_URL"]
    )
    parsed = dj_database_url.parse(address)
    database = services["database"]["environment"]
    assert parsed["ENGINE"] == "django.db.backends.postgresql"
    assert parsed["HOST"] in services
    assert (parsed["NAME"], parsed["USER"]) == (database["POSTGRES_DB"], database["POSTGRES_USER"])
    assert parsed["PASSWORD"] == SAMPLE["POSTGRES_PASSWORD"]
    assert services["web"]["depends_on"]["database"] == {"condition": "service_healthy"}


def test_what_is_kept_lies_in_volumes() -> None:
    parts = compose()
    mounted = {
        volume.split(":")[0] for service in parts["services"].values() for volume in service["volumes"]
    }
    assert mounted == set(parts["volumes"])


def test_only_the_proxy_reaches_it() -> None:
    for service in compose()["services"].values():
        assert all(str(port).startswith("127.0.0.1:") for port in service.get("ports", []))


def test_docker_reads_the_compose_file() -> None:
    docker = shutil.which("docker")
    if (
        not docker
        or subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode
    ):
        pytest.skip("docker compose is not there")
    environment = {
        **SAMPLE,
        "CAPILLARY_SMTP_HOST": "smtp.example.org",
        "CAPILLARY_MAIL_FROM": "a@example.org",
    }
    done = subprocess.run(
        [docker, "compose", "-f", str(COMPOSE), "config", "--quiet"],
        env={**environment, "PATH": "/usr/local/bin:/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_guide_explains_every_variable_and_no_other() -> None:
    rows = re.findall(r"^\| `([A-Z_]+)` \|", GUIDE.read_text("utf-8"), flags=re.MULTILINE)
    assert sorted(rows) == sorted(set(rows))
    assert set(rows) == names_of_settings()


@pytest.mark.slow
def test_the_image_gets_a_whole_product(tmp_path: Path) -> None:
    """Builds the wheel as the Dockerfile does, from nothing but what it copies."""
    import sys

    here = tmp_path / "build"
    for source in copied():
        target = here / source
        target.parent.mkdir(parents=True, exist_ok=True)
        if (ROOT / source).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "*.mo", "vendor")
            shutil.copytree(ROOT / source, target, ignore=ignored, dirs_exist_ok=True)
        else:
            shutil.copy(ROOT / source, target)
    vendor = here / "src/capillary/web/static/vendor"
    vendor.mkdir()
    for name in ("tabler.min.css", "htmx.min.js", "echarts.min.js"):
        (vendor / name).write_text("made by the first stage")
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--quiet",
        "--no-deps",
        "--no-build-isolation",
        "-w",
        str(tmp_path),
    ]
    subprocess.run([*build, str(here)], check=True)
    (wheel,) = tmp_path.glob("*.whl")
    inside = set(zipfile.ZipFile(wheel).namelist())
    wanted = {
        str(path.relative_to(ROOT / "src"))
        for pattern in (
            "**/*.py",
            "**/templates/**/*.html",
            "content/**/*.yaml",
            "web/static/capillary/*",
            "**/*.po",
        )
        for path in (ROOT / "src/capillary").glob(pattern)
    }
    wanted |= {f"capillary/web/static/vendor/{path.name}" for path in vendor.iterdir()}
    wanted |= {name.removesuffix(".po") + ".mo" for name in wanted if name.endswith(".po")}
    assert sorted(wanted - inside) == []
