"""Addresses of courses, skills checks, training plans and talent."""

from __future__ import annotations

from django.urls import path

from capillary.web.talent import views, views_import, views_talent, views_training

FIRM = "enterprises/<uuid:pk>/training/"
PLAN = "training/<uuid:pk>/"

urlpatterns = [
    path("courses/", views.courses, name="courses"),
    path("courses/offered/", views.offered, name="courses-offered"),
    path("courses/offered/<uuid:pk>/", views.offered_course, name="course-offered"),
    path("courses/import/", views_import.upload, name="course-import"),
    path("courses/import/<uuid:pk>/", views_import.preview, name="course-import-preview"),
    path("courses/<slug:name>/", views.course, name="course"),
    path("skills/", views.skills, name="skills"),
    path("skills/mine/", views.mine, name="skills-mine"),
    path("skills/mine/<uuid:pk>/delete/", views.result_delete, name="skills-delete"),
    path("skills/mine/<uuid:pk>/share/", views.result_share, name="skills-share"),
    path("skills/<slug:role>/", views.check, name="skills-check"),
    path(FIRM, views_training.training, name="training"),
    path(f"{FIRM}people/", views_training.trainee_add, name="trainee-add"),
    path(f"{FIRM}people/<uuid:trainee>/remove/", views_training.trainee_remove, name="trainee-remove"),
    path(f"{FIRM}make/", views_training.make, name="training-make"),
    path(PLAN, views_training.plan, name="training-plan"),
    path(f"{PLAN}training.csv", views_training.table, name="training-csv"),
    path(f"{PLAN}delete/", views_training.delete, name="training-delete"),
    path(f"{PLAN}<uuid:attendance>/", views_training.attendance, name="attendance"),
    path("talent/", views_talent.people, name="talent-people"),
    path("talent/me/", views_talent.me, name="talent-me"),
    path("talent/me/withdraw/", views_talent.withdraw, name="talent-withdraw"),
    path("talent/confirm/", views_talent.confirm, name="talent-confirm"),
    path("talent/requests/<uuid:pk>/answer/", views_talent.answer, name="talent-answer"),
    path("talent/requests/<uuid:pk>/", views_talent.contact, name="talent-contact"),
    path("talent/<uuid:pk>/request/", views_talent.ask, name="talent-ask"),
]
