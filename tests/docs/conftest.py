"""The shop that the pages are about: what the tutorial makes, put into this process."""

from __future__ import annotations

import gc
import importlib
import sys
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.apps import apps
from django.db import connection
from django.test import modify_settings

from tests.docs.pages import ROOT, blocks_of

if TYPE_CHECKING:
    from collections.abc import Iterator

TUTORIAL = ROOT / "docs/tutorial/first-gapless-invoice.md"


@pytest.fixture(scope="session")
def shop_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the tutorial's app, as the reader has them at its end."""
    root = tmp_path_factory.mktemp("shop")
    for block in blocks_of(TUTORIAL):
        if block.file is not None and block.file.startswith("shop/"):
            file = root / block.file
            file.parent.mkdir(exist_ok=True)
            with file.open("a" if block.is_addition else "w") as out:
                out.write(block.text)
    (root / "shop/__init__.py").touch()
    return root


@contextmanager
def tables_of(app: str) -> Iterator[None]:
    """Create the tables of an app, and drop them; keeps no reference to its models."""
    models = list(apps.get_app_config(app).get_models())
    with connection.schema_editor() as editor:
        for model in models:
            editor.create_model(model)
    yield
    with connection.schema_editor() as editor:
        for model in reversed(models):
            editor.delete_model(model)


@pytest.fixture
def shop(shop_files: Path, transactional_db: None, monkeypatch: pytest.MonkeyPatch):
    """The app ``shop``, installed, with its tables; gone after the test."""
    monkeypatch.syspath_prepend(shop_files)
    with modify_settings(INSTALLED_APPS={"append": "shop"}):
        importlib.import_module("shop.models")
        with tables_of("shop"):
            yield
    for name in [name for name in sys.modules if name.split(".")[0] == "shop"]:
        del sys.modules[name]
    apps.all_models.pop("shop", None)
    apps.clear_cache()
    gc.collect()  # Sequences of a page are seen by the system checks while they live.
