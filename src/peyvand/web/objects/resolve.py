"""From the plural in an address to the object it names, for an actor who may see it."""

from __future__ import annotations

from django.urls import register_converter

from peyvand.kernel.errors import NotFound
from peyvand.platform.access.decisions import decide, demand
from peyvand.platform.actions.context import Context
from peyvand.platform.objects.spec import ObjectSpec, object_at


class PluralConverter:
    """Matches the plurals of registered objects and nothing else, so that other addresses stand beside them."""

    regex = "[a-z][a-z0-9_-]*"

    def to_python(self, value: str) -> str:
        if object_at(value) is None:
            raise ValueError(value)
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PluralConverter, "plural")


def spec_for(ctx: Context, plural: str, verb: str = "view") -> ObjectSpec:
    """The object under this plural.

    Raises:
        NotFound: there is none, or the actor's role never sees such records.
        NotAllowed: the role sees them, but does not grant ``verb`` at all.
    """
    spec = object_at(plural)
    if spec is None or not decide(ctx.actor, spec.permission("view")):
        raise NotFound
    if verb != "view":
        demand(ctx.actor, spec.permission(verb))
    return spec


_homes: dict[str, str] = {}


def live_at(object_key: str, path: str) -> None:
    """Say that records of this object have their page at /w/<slug>/<path>/<id>, and no page of the ordinary kind."""
    _homes[object_key] = path


def home_of(ctx: Context, spec: ObjectSpec, id: int) -> str:
    """Where the page of such a record stands instead of the ordinary place; empty for most objects."""
    path = _homes.get(spec.key)
    return f"/w/{ctx.tenant.slug}/{path}/{id}" if path else ""


def address(ctx: Context, spec: ObjectSpec, *parts: object) -> str:
    """Where something of an object lives: ``address(ctx, spec, 42, "peek")`` is /w/<slug>/<plural>/42/peek."""
    return "/".join((f"/w/{ctx.tenant.slug}/{spec.plural}", *map(str, parts)))
