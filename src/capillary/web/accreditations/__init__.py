"""Accreditation of providers: applying, deciding by two officers, validity, taking back, appeal."""
