"""One service, run in every way there is: what a test says then holds for all."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import asynccontextmanager
from contextvars import ContextVar
from typing import Any

import pytest

from services import Service, Stepper
from services.steps import methods_in

RUNS = ("run", "run_with", "attempt", "trace")
STEPS = ("do", "until", "finish")

in_a_run = ContextVar("in_a_run", default=False)


def awaited(owner: Any, name: str, translated: Callable[[Any], Any]) -> Any:
    """Give a method that stands for ``run``, say, and awaits ``arun``."""
    original = getattr(owner, name)
    original = getattr(original, "__func__", original)

    def call(target: Any, /, *args: Any, **given: Any) -> Any:
        async def call() -> Any:
            in_a_run.set(True)
            return await getattr(translated(target), f"a{name}")(*args, **given)

        # A step that runs another service does so as it is written; a task as well.
        if in_a_run.get() or asyncio._get_running_loop():
            return original(target, *args, **given)
        return asyncio.run(call())

    return call


def with_async_methods(service: Any) -> Any:
    """Give the same service, of which each method is async."""

    def method(name: str) -> Any:
        async def call(self: Any, *args: Any) -> Any:
            await asyncio.sleep(0)
            return getattr(super(made, self), name)(*args)

        return call

    def within(name: str) -> Any:
        @asynccontextmanager
        async def around(self: Any) -> Any:
            with getattr(super(made, self), name)():
                yield

        return around

    names = {name: role for role, name in methods_in(service.definition.flow)}
    body = {
        name: within(name) if role == "within" else method(name)
        for name, role in names.items()
    }
    body |= {"__qualname__": service.__qualname__, "__doc__": service.__doc__}
    made: Any = type(service.__name__, (service,), body)
    return made


def descendants(cls: type) -> Iterator[type]:
    """Give all classes that derive from one."""
    for each in cls.__subclasses__():
        yield each
        yield from descendants(each)


def take(way: str, patch: pytest.MonkeyPatch) -> None:
    """Let ``run`` and its kin go another way, for as long as the patch lasts."""
    twins: dict[Any, Any] = {}

    def translated(service: Any) -> Any:
        if way == "arun":
            return service
        if service not in twins:
            twins[service] = with_async_methods(service)
        return twins[service]

    if way == "run":
        return
    # A class that has run has a run of its own, which was written for it.
    patch.setattr("services.unrolled.unrolled_run", lambda *_: None)
    for service in descendants(Service):
        if "run" in vars(service):
            patch.delattr(service, "run")
    for name in RUNS:
        patch.setattr(Service, name, classmethod(awaited(Service, name, translated)))
    for name in STEPS:
        patch.setattr(Stepper, name, awaited(Stepper, name, lambda it: it))
    original = vars(Service)["stepper"].__func__
    stepper = classmethod(lambda cls, /, **given: original(translated(cls), **given))
    patch.setattr(Service, "stepper", stepper)
