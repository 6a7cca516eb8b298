"""The WSGI application that the server runs."""

from __future__ import annotations

import os

from django.core.wsgi import get_wsgi_application

from capillary.web import engine
from capillary.web.find import registry

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "capillary.web.settings")
application = get_wsgi_application()

# The content is read before the first request, not while several wait for it.
engine.warm_up()
registry.warm_up()
