"""Addresses of the interview and of the list of questions."""

from __future__ import annotations

from django.urls import path

from capillary.web.assessments import views_interview as interview
from capillary.web.assessments import views_questions as questions

urlpatterns = [
    path("check/", interview.check_start, name="check-start"),
    path("assessments/<uuid:pk>/interview/", interview.interview, name="interview"),
    path("assessments/<uuid:pk>/interview/go-on/", interview.go_on, name="interview-go-on"),
    path("assessments/<uuid:pk>/interview/pause/", interview.pause, name="interview-pause"),
    path("assessments/<uuid:pk>/complete/", interview.complete, name="assessment-complete"),
    path("assessments/<uuid:pk>/reopen/", questions.reopen, name="assessment-reopen"),
    path("assessments/<uuid:pk>/questions/", questions.questions, name="assessment-questions"),
    path("assessments/<uuid:pk>/questions/<str:question_id>/", interview.question, name="interview-question"),
    path(
        "assessments/<uuid:pk>/questions/<str:question_id>/history/", questions.history, name="answer-history"
    ),
]
