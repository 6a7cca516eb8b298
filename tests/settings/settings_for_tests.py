"""Settings of the test suite: those of the product, with a data folder of its own and quick passwords."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

os.environ["CAPILLARY_DATA"] = tempfile.mkdtemp(prefix="capillary-tests-")
for name in ("CAPILLARY_PRODUCTION", "CAPILLARY_DEMO", "CAPILLARY_SECRET_KEY", "CAPILLARY_HOSTS"):
    os.environ.pop(name, None)

from capillary.web.settings import *  # noqa: E402, F403 - the environment comes first
from capillary.web.settings import ALLOWED_HOSTS, STORAGES  # noqa: E402

ALLOWED_HOSTS = [*ALLOWED_HOSTS, "testserver"]
(Path(os.environ["CAPILLARY_DATA"]) / "static").mkdir()
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {**STORAGES, "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend", "QUEUES": ["default"]}}
