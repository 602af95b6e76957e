"""The table of counters: django-sequences' own, name for name."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class Sequence(models.Model):
    """
    The stored state of one sequence. Private: change it through services only.

    Not to be confused with :class:`sequences.Sequence`, which declares one.
    """

    name = models.CharField(verbose_name=_("name"), max_length=100, primary_key=True)
    last = models.PositiveBigIntegerField(verbose_name=_("last value"))

    class Meta:
        verbose_name = _("sequence")
        verbose_name_plural = _("sequences")

    def __str__(self) -> str:
        return f"Sequence(name={self.name!r}, last={self.last!r})"


class Pool(models.Model):
    """How far the numbers of a pooled sequence are settled; private, as above."""

    name = models.CharField(verbose_name=_("name"), max_length=100, primary_key=True)
    settled = models.BigIntegerField(verbose_name=_("settled up to"))
    drawn = models.BigIntegerField(verbose_name=_("marked up to"), null=True)
    horizon = models.BigIntegerField(verbose_name=_("transaction id"), null=True)

    class Meta:
        verbose_name = _("pool")
        verbose_name_plural = _("pools")

    def __str__(self) -> str:
        return f"Pool(name={self.name!r}, settled={self.settled!r})"


class PooledNumber(models.Model):
    """A number that is free to be claimed; private, as above."""

    pk = models.CompositePrimaryKey("name", "value")
    name = models.CharField(verbose_name=_("name"), max_length=100)
    value = models.BigIntegerField(verbose_name=_("number"))

    class Meta:
        verbose_name = _("free number")
        verbose_name_plural = _("free numbers")

    def __str__(self) -> str:
        return f"PooledNumber(name={self.name!r}, value={self.value!r})"
