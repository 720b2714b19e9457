"""Addresses of pricing, beneath /w/<slug>/."""

from django.urls import path

from peyvand.operational.pricing.web import views

urlpatterns = [path("products/<int:id>/price", views.price_of, name="product-price")]
