"""Addresses of notifications within a workspace."""

from django.urls import path

from peyvand.web.notifications import views
from peyvand.web.notifications.settings import phone_code, preferences

urlpatterns = [
    path("notifications/", views.inbox, name="notifications"),
    path("notifications/count", views.count, name="notifications-count"),
    path("notifications/panel", views.panel, name="notifications-panel"),
    path("notifications/seen", views.seen, name="notifications-seen"),
    path("notifications/read", views.read, name="notifications-read"),
    path("notifications/<int:id>", views.opened, name="notification"),
    path("notifications/<int:id>/snooze", views.snooze, name="notifications-snooze"),
    path("settings/notifications", preferences, name="notification-preferences"),
    path("settings/notifications/phone", phone_code, name="notification-phone"),
]
