"""Documents with a number, in the shape that tests need them."""

from django.db import models


class Document(models.Model):
    """A thing that gets a number; ``day`` is what it is ordered by."""

    number = models.BigIntegerField(null=True, unique=True)
    day = models.IntegerField(default=0)

    class Meta:
        app_label = "documents"

    def __str__(self) -> str:
        return f"document {self.pk}, number {self.number}"
