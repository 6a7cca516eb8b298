"""Addresses of advisers, assessors and objections."""

from __future__ import annotations

from django.urls import path

from capillary.web.advising import views_firms as firms
from capillary.web.advising import views_review as review
from capillary.web.advising import views_workbook as workbook

urlpatterns = [
    path("adviser/", firms.adviser_home, name="adviser-home"),
    path("adviser/firms/new/", firms.adviser_firm_add, name="adviser-firm-add"),
    path("adviser/firms/<uuid:pk>/owner/", firms.adviser_owner_invite, name="adviser-owner-invite"),
    path("adviser/firms/<uuid:pk>/withdraw/", firms.adviser_firm_withdraw, name="adviser-firm-withdraw"),
    path("assessor/", firms.assessor_home, name="assessor-home"),
    path("assessments/<uuid:pk>/workbook/", workbook.workbook_upload, name="workbook-upload"),
    path("assessments/<uuid:pk>/workbook/form/", workbook.workbook_form, name="workbook-form"),
    path(
        "assessments/<uuid:pk>/workbook/<uuid:import_id>/", workbook.workbook_import, name="workbook-import"
    ),
    path(
        "assessments/<uuid:pk>/workbook/<uuid:import_id>/undo/", workbook.workbook_undo, name="workbook-undo"
    ),
    path("assessments/<uuid:pk>/review/", review.assessment_review, name="assessment-review"),
    path("assessments/<uuid:pk>/review/sign/", review.review_sign, name="review-sign"),
    path("assessments/<uuid:pk>/review/<str:question_id>/mark/", review.review_mark, name="review-mark"),
    path(
        "assessments/<uuid:pk>/review/<str:question_id>/correct/",
        review.review_correct,
        name="review-correct",
    ),
    path(
        "assessments/<uuid:pk>/corrections/<int:mark_id>/object/",
        review.objection_create,
        name="objection-create",
    ),
    path(
        "assessments/<uuid:pk>/corrections/<int:mark_id>/answer/",
        review.objection_answer,
        name="objection-answer",
    ),
]
