"""Describe the services of a project."""

import json
from collections.abc import Callable, Iterable, Iterator
from importlib import import_module
from pkgutil import walk_packages
from typing import Any, Final

from django.apps import AppConfig, apps
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils.module_loading import import_string, module_has_submodule

from services import Definition, Service, json_schema, to_mermaid
from services.describe import describe
from services.wording import did_you_mean


class Command(BaseCommand):
    help = (
        "Print what the services of the installed apps take, give and do, and what is "
        "surely wrong with their flow. Runs none of them."
    )
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "what",
            nargs="*",
            metavar="APP_OR_SERVICE",
            help="App labels, and dotted names of services. Default: all apps.",
        )
        parser.add_argument(
            "--check",
            action="store_true",
            help="Print findings alone. Exit code: 0, there is none; 1, there is one.",
        )
        parser.add_argument("--format", choices=tuple(FORMS), default="text")

    def handle(self, *_args: Any, **options: Any) -> None:
        definitions = [each.definition for each in self._services(options["what"])]
        if options["check"]:
            self._check(definitions)
        elif definitions:
            self.stdout.write(FORMS[options["format"]](definitions))
        else:
            self.stdout.write("There are no services.")

    def _check(self, definitions: list[Definition]) -> None:
        found = [finding for each in definitions for finding in each.findings]
        for finding in found:
            self.stdout.write(finding)
        if found:
            count = "one finding" if len(found) == 1 else f"{len(found)} findings"
            raise CommandError(f"The flow of services has {count}.", returncode=1)
        count = (
            "one service" if len(definitions) == 1 else f"{len(definitions)} services"
        )
        self.stdout.write(f"The flow of {count} is in order.")

    def _services(self, names: list[str]) -> list[type[Service]]:
        if not names:
            return [it for app in apps.get_app_configs() for it in services_of(app)]
        return [it for name in names for it in self._named(name)]

    def _named(self, name: str) -> Iterable[type[Service]]:
        if "." not in name:
            labels = [app.label for app in apps.get_app_configs()]
            if name not in labels:
                raise CommandError(
                    f"No app {name!r} is installed.{did_you_mean(name, labels)}",
                    returncode=2,
                )
            return services_of(apps.get_app_config(name))
        try:
            found = import_string(name)
        except ImportError as error:
            raise CommandError(
                f"There is no {name!r}: {error}", returncode=2
            ) from error
        if not (isinstance(found, type) and issubclass(found, Service)):
            raise CommandError(f"{name!r} is not a service.", returncode=2)
        return [found]


def services_of(app: AppConfig) -> list[type[Service]]:
    """
    Give the services of an app by name: those in ``services``, and all imported ones.

    A class without steps is there for others to derive from, and is left out.
    """
    if module_has_submodule(app.module, "services"):
        package = import_module(f"{app.name}.services")
        path = getattr(package, "__path__", ())
        for module in walk_packages(path, f"{package.__name__}."):
            import_module(module.name)
    found = (
        each
        for each in _subclasses(Service)
        if each.definition.flow
        and "<locals>" not in each.__qualname__
        and apps.get_containing_app_config(each.__module__) is app
    )
    return sorted(found, key=_path)


def _subclasses(cls: type[Service]) -> Iterator[type[Service]]:
    for each in cls.__subclasses__():
        yield each
        yield from _subclasses(each)


def _path(service: type[Service]) -> str:
    return f"{service.__module__}.{service.__qualname__}"


def _as_schema(definitions: list[Definition]) -> str:
    schemas = {_path(each.service): json_schema(each) for each in definitions}
    return json.dumps(schemas, indent=2)


FORMS: Final[dict[str, Callable[[list[Definition]], str]]] = {
    "text": lambda them: "\n\n\n".join(map(describe, them)),
    "mermaid": lambda them: "\n\n".join(map(to_mermaid, them)),
    "schema": _as_schema,
}
