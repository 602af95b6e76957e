"""The table of counters, django-sequences' own, name for name; pools; the ledger."""

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


class LedgerEntry(models.Model):
    """
    What became of a number, or of a range of them; written once, and never changed.

    A number is reserved, then assigned, and may become void: of several
    entries the last word holds.

    Private, as above, to write; to read, not.
    """

    class State(models.TextChoices):
        """What an entry says of its numbers: given out, on a document, or on none."""

        RESERVED = "reserved", _("reserved")
        ASSIGNED = "assigned", _("assigned")
        VOID = "void", _("void")

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(verbose_name=_("sequence"), max_length=100)
    first = models.BigIntegerField(verbose_name=_("first number"))
    last = models.BigIntegerField(verbose_name=_("last number"))
    state = models.CharField(
        verbose_name=_("state"), max_length=8, choices=State.choices
    )
    key = models.CharField(  # noqa: DJ001 - any number of entries have none
        verbose_name=_("idempotency key"), max_length=200, null=True
    )
    document = models.CharField(verbose_name=_("document"), max_length=255, blank=True)
    user = models.CharField(verbose_name=_("user"), max_length=255, blank=True)
    reason = models.CharField(verbose_name=_("reason"), max_length=1_000, blank=True)
    at = models.DateTimeField(verbose_name=_("time"))

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = (
            models.UniqueConstraint(
                fields=("name", "key"), name="sequences_ledger_key"
            ),
        )
        indexes = (
            models.Index(
                fields=("name", "state", "first"), name="sequences_ledger_number"
            ),
        )

    def __str__(self) -> str:
        numbers = self.first if self.first == self.last else (self.first, self.last)
        return f"LedgerEntry(name={self.name!r}, {self.state}={numbers!r})"


class ClosedSequence(models.Model):
    """A sequence that gives out no more numbers; private, as the counters."""

    name = models.CharField(verbose_name=_("name"), max_length=100, primary_key=True)
    last = models.BigIntegerField(verbose_name=_("last value"), null=True)
    user = models.CharField(verbose_name=_("user"), max_length=255, blank=True)
    reason = models.CharField(verbose_name=_("reason"), max_length=1_000)
    at = models.DateTimeField(verbose_name=_("time"))

    class Meta:
        verbose_name = _("closed sequence")
        verbose_name_plural = _("closed sequences")

    def __str__(self) -> str:
        return f"ClosedSequence(name={self.name!r}, last={self.last!r})"
