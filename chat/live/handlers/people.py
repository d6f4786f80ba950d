"""The user's own status, blocks, and reports of messages."""

from datetime import datetime

from chat.live import db, room_lists
from chat.live.handlers.registry import Context, handles
from chat.protocol import commands, events
from chat.queries.groups import groups_for
from chat.services import people, reports


@handles(commands.SetStatus)
async def status(context: Context, command: commands.SetStatus) -> events.Event:
    """Change the user's status and presence."""
    wanted = command.changes
    if wanted.get("until"):
        wanted["until"] = datetime.fromisoformat(wanted["until"])
    await db.run(people.status_set, user=context.socket.user, socket=context.socket.id, **wanted)
    return events.Ack(request_id=command.request_id)


@handles(commands.Block)
async def block(context: Context, command: commands.Block) -> events.Event:
    """Block or unblock a user."""
    socket = context.socket
    await db.run(people.person_block, user=socket.user, username=command.username, on=command.on, socket=socket.id)
    return events.Ack(request_id=command.request_id)


@handles(commands.Groups)
async def groups(context: Context, command: commands.Groups) -> events.Event:
    """List the groups of users."""
    found = await db.run(groups_for, context.socket.user)
    return events.Groups(request_id=command.request_id, groups=found.groups)


@handles(commands.Report)
async def report(context: Context, command: commands.Report) -> events.Event:
    """Report a message."""
    slug, user = context.slug(command), context.socket.user
    await db.run(reports.message_report, user=user, room=slug, seq=command.seq, reason=command.reason)
    return events.Ack(request_id=command.request_id, room=slug, seq=command.seq)


@handles(commands.Reports)
async def list_reports(context: Context, command: commands.Reports) -> events.Event:
    """List the reports of a room."""
    slug, user = context.slug(command), context.socket.user
    found = await room_lists.reports(user, slug, before=command.before, closed=command.closed)
    return found.model_copy(update={"request_id": command.request_id})


@handles(commands.CloseReport)
async def report_close(context: Context, command: commands.CloseReport) -> events.Event:
    """Close a report."""
    slug, user = context.slug(command), context.socket.user
    await db.run(reports.report_close, user=user, room=slug, report_id=command.id, outcome=command.outcome)
    return events.Ack(request_id=command.request_id, room=slug)
