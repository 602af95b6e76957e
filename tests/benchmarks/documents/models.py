"""One kind of document, and its number."""

from django.db import models


class Document(models.Model):
    """The least that can be numbered."""

    number = models.BigIntegerField(null=True, unique=True)
    day = models.IntegerField(default=0)

    def __str__(self) -> str:
        return f"document {self.pk}, number {self.number}"
