"""Addresses for those who are not in yet."""

from django.urls import path

from peyvand.administration.sign_in import views

urlpatterns = [
    path("sign-in", views.SignIn.as_view(), name="sign-in"),
    path("sign-in/code", views.Code.as_view(), name="sign-in-code"),
    path("sign-out", views.sign_out, name="sign-out"),
    path("forgot", views.Forgot.as_view(), name="forgot"),
    path("reset/<str:token>", views.Reset.as_view(), name="reset"),
    path("invite/<str:secret>", views.Invite.as_view(), name="invite"),
]
