"""Addresses that are open to whoever has them, without an account."""

from django.urls import path

from peyvand.operational.scheduling.web import feed, public

urlpatterns = [
    path("feed/<slug:token>.ics", feed.feed, name="public-calendar-feed"),
    path("b/<slug:token>", public.page, name="booking-page"),
    path("b/<slug:token>/book", public.book, name="booking-page-book"),
    path("b/<slug:token>/<slug:secret>", public.booked, name="booking"),
    path("b/<slug:token>/<slug:secret>/move", public.move, name="booking-move"),
    path("b/<slug:token>/<slug:secret>/cancel", public.cancel, name="booking-cancel"),
    path("b/<slug:token>/<slug:secret>/meeting.ics", public.file, name="booking-file"),
]
