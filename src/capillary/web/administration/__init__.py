"""The administrator's place: Django's admin with our rules, the content overview and changes of editions."""
