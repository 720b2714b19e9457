"""Addresses that customers open, without an account."""

from django.urls import path

from peyvand.operational.quotes.web import public

urlpatterns = [
    path("q/<slug:token>", public.page, name="public-quote"),
    path("q/<slug:token>/accept", public.accept, name="public-quote-accept"),
    path("q/<slug:token>/reject", public.reject, name="public-quote-reject"),
    path("q/<slug:token>/again", public.again, name="public-quote-again"),
    path("q/<slug:token>/quote.pdf", public.paper, name="public-quote-paper"),
]
