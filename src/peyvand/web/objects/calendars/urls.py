"""Addresses of calendars and timelines."""

from django.urls import path

from peyvand.web.objects.calendars import month, timeline

urlpatterns = [
    path("<plural:plural>/calendar", month.object_calendar, name="object-calendar"),
    path("<plural:plural>/calendar/move", month.calendar_move, name="calendar-move"),
    path("<plural:plural>/timeline", timeline.object_timeline, name="object-timeline"),
]
