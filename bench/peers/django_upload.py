"""The upload view of Django's documentation, under daphne: a form, whose file is written into UPLOADS."""

import os
import secrets
from pathlib import Path

import django
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponse
from django.urls import path

settings.configure(SECRET_KEY="only for measuring", ALLOWED_HOSTS=["*"], ROOT_URLCONF=__name__)
django.setup(set_prefix=False)


def upload(request: HttpRequest) -> HttpResponse:
    """Write the file of the form."""
    with Path(os.environ["UPLOADS"], secrets.token_hex(8)).open("wb") as out:
        for chunk in request.FILES["file"].chunks():  # type: ignore[union-attr]
            out.write(chunk)
    return HttpResponse(status=201)


urlpatterns = [path("upload", upload)]
application = ASGIHandler()
