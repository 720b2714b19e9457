"""Addresses of one's own account, within a workspace."""

from django.urls import path

from peyvand.administration.sign_in import account_views as views

urlpatterns = [
    path("", views.profile, name="account"),
    path("password", views.password, name="account-password"),
    path("sessions/end", views.end_other_sessions, name="account-sessions-end"),
    path("sessions/<str:id>/end", views.end_session, name="account-session-end"),
    path("second-factor", views.confirm_second_factor, name="account-factor"),
    path("second-factor/new", views.prepare_second_factor, name="account-factor-new"),
    path("second-factor/stop", views.stop_second_factor, name="account-factor-stop"),
    path("second-factor/picture.svg", views.second_factor_picture, name="account-factor-picture"),
]
