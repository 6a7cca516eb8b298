"""A form that shows what a service refuses."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms

from capillary.web.core.language import language

if TYPE_CHECKING:
    from capillary.web.core.refusals import RefusedError


class RefusableForm(forms.Form):
    """A form that shows what a service refuses."""

    def refuse(self, error: RefusedError) -> None:
        """Show why, at the field that it is about."""
        field = error.field if error.field in self.fields else None
        self.add_error(field, error.reason.in_(language()))
