"""Addresses of the interview."""

from __future__ import annotations

from django.urls import path

from capillary.web.assessments import views_interview as interview

urlpatterns = [
    path("check/", interview.check_start, name="check-start"),
    path("assessments/<uuid:pk>/interview/", interview.interview, name="interview"),
    path("assessments/<uuid:pk>/interview/go-on/", interview.go_on, name="interview-go-on"),
    path("assessments/<uuid:pk>/complete/", interview.complete, name="assessment-complete"),
    path("assessments/<uuid:pk>/questions/<str:question_id>/", interview.question, name="interview-question"),
]
