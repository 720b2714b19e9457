"""The application as WSGI: Django, with built assets served beside it."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "peyvand.config.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from whitenoise import WhiteNoise

django_application = get_wsgi_application()
application = WhiteNoise(
    django_application,
    root=str(settings.STATIC_FOLDER),
    prefix="static/",
    max_age=3600,
    # Built files carry a hash of their content in their names.
    immutable_file_test=lambda path, url: "/assets/" in url or "-" in url.rpartition("/")[2],
)
