"""What the workers number."""

from django.db import models


class Document(models.Model):
    """A document; nothing keeps two of them from having one number."""

    operation = models.CharField(max_length=64, unique=True)
    number = models.BigIntegerField(null=True, db_index=True)

    class Meta:
        app_label = "faults"

    def __str__(self) -> str:
        return f"{self.operation}: {self.number}"
