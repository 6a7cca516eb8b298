"""Settings of the test suite: those of the product, with a data folder of its own and quick passwords."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ["CAPILLARY_DATA"] = tempfile.mkdtemp(prefix="capillary-tests-")
for name in ("CAPILLARY_PRODUCTION", "CAPILLARY_DEMO", "CAPILLARY_SECRET_KEY", "CAPILLARY_HOSTS"):
    os.environ.pop(name, None)

from capillary.web.settings import *  # noqa: E402, F403 - the environment comes first
from capillary.web.settings import ALLOWED_HOSTS, DATABASES, STORAGES  # noqa: E402

# the browser's driver runs an event loop in the thread of the tests, which use the database as ever
os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
if DATABASES["default"]["ENGINE"].endswith("sqlite"):
    # a file, as in the product: the server's threads get connections of their own
    DATABASES["default"]["TEST"] = {
        "NAME": f"{os.environ['CAPILLARY_DATA']}/test.sqlite3",
        "MIRROR": None,
        "MIGRATE": True,
        "CHARSET": None,
        "COLLATION": None,
    }

ALLOWED_HOSTS = [*ALLOWED_HOSTS, "testserver"]
(Path(os.environ["CAPILLARY_DATA"]) / "static").mkdir()
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend", "QUEUES": ["default"]}}
