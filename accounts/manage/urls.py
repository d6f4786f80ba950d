"""URLs of the administrators' pages."""

from django.urls import path
from django.views.generic import RedirectView

from accounts.manage import about, emoji, groups, invitations, people, reports, rooms, transfers

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="manage_people"), name="manage"),
    path("people/", people.people, name="manage_people"),
    path("people/<int:pk>/", people.person, name="manage_person"),
    path("invitations/", invitations.invitations, name="manage_invitations"),
    path("rooms/", rooms.rooms, name="manage_rooms"),
    path("reports/", reports.reports, name="manage_reports"),
    path("emoji/", emoji.emoji, name="manage_emoji"),
    path("groups/", groups.groups, name="manage_groups"),
    path("transfers/", transfers.transfers, name="manage_transfers"),
    path("about/", about.about, name="manage_about"),
]
