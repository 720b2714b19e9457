"""Addresses of the calendar."""

from django.urls import path

from peyvand.operational.scheduling.web import calendar, feed, moving, onward, quick

urlpatterns = [
    path("calendar", calendar.calendar, name="calendar"),
    path("calendar/move", moving.calendar_move, name="calendar-move-any"),
    path("calendar/new", quick.quick_new, name="calendar-new"),
    path("calendar/times", quick.times, name="calendar-times"),
    path("next/<slug:object_key>/<int:id>", onward.next_dialog, name="next-step"),
    path("calendar/feed", feed.feed_dialog, name="calendar-feed"),
    path("meetings/<int:id>/meeting.ics", feed.meeting_file, name="meeting-file"),
]
