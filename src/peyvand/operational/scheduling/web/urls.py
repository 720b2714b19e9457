"""Addresses of the calendar."""

from django.urls import path

from peyvand.operational.scheduling.web import calendar, feed

urlpatterns = [
    path("calendar", calendar.calendar, name="calendar"),
    path("calendar/move", calendar.calendar_move, name="calendar-move-any"),
    path("calendar/feed", feed.feed_dialog, name="calendar-feed"),
    path("meetings/<int:id>/meeting.ics", feed.meeting_file, name="meeting-file"),
]
