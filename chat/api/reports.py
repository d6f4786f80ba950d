"""Endpoints of reports: report a message, and what moderators do with reports."""

from django.http import HttpResponse
from ninja import Query, Router

from chat.api.authentication import AuthedRequest, sending, signed_in
from chat.api.errors import json_response, refusals
from chat.api.schemas.base import Number
from chat.api.schemas.reports import NewReport, ReportOutcome, ReportsQuery
from chat.live import db, room_lists
from chat.models import Participant
from chat.protocol.errors import Code
from chat.protocol.events import ReportItem, Reports
from chat.protocol.fields import Slug
from chat.queries.records import conversation_reports, report_item
from chat.services.reports import check_administrator, message_report, report_close

router = Router(tags=["Reports"], auth=signed_in)


@router.post("/rooms/{room}/messages/{seq}/reports", auth=sending, response={201: None} | refusals(Code.CONFLICT))
async def report_message(request: AuthedRequest, room: Slug, seq: Number, body: NewReport) -> HttpResponse:
    """Report a message to the moderators of the room, in a conversation to the administrators."""
    await db.run(message_report, user=request.auth.user, room=room, seq=seq, reason=body.reason)
    return HttpResponse(status=201)


@router.get("/rooms/{room}/reports", response=Reports)
async def list_room_reports(request: AuthedRequest, room: Slug, query: Query[ReportsQuery]) -> HttpResponse:
    """The open reports of a room, or those that were handled (moderators)."""
    found = await room_lists.reports(request.auth.user, room, before=query.before, closed=query.closed)
    return json_response(found.encode())


@router.get("/reports", response=Reports)
async def list_conversation_reports(request: AuthedRequest, query: Query[ReportsQuery]) -> HttpResponse:
    """The reports of direct messages and groups (administrators)."""
    found = await db.run(_of_conversations, request.auth.user, query)
    return json_response(found.encode())


@router.put("/reports/{report}", auth=sending, response={200: ReportItem} | refusals(Code.CONFLICT))
async def close_report(request: AuthedRequest, report: Number, body: ReportOutcome) -> HttpResponse:
    """End a report, and the others of the same message (moderators of its room)."""
    found = await db.run(_close, request.auth.user, report, body.outcome)
    return json_response(found.model_dump_json())


def _of_conversations(user: Participant, query: ReportsQuery) -> Reports:
    check_administrator(user)
    return conversation_reports(before=query.before, closed=query.closed)


def _close(user: Participant, report: int, outcome: str) -> ReportItem:
    return report_item(report_close(user=user, report_id=report, outcome=outcome))
