"""The product's settings, with the witness among its modules."""

from peyvand.config.settings import *  # noqa: F403 a settings file
from peyvand.config.settings import INSTALLED_APPS

INSTALLED_APPS = [*INSTALLED_APPS, "witness.apps.WitnessConfig"]
