"""Reports of messages."""

from typing import Annotated

from pydantic import Field

from chat.api.schemas.base import Body
from chat.api.schemas.members import RecordsQuery
from chat.protocol.commands import Outcome
from chat.protocol.fields import Reason


class NewReport(Body):
    """Why a message is reported."""

    reason: Reason


class ReportOutcome(Body):
    """What was done about it."""

    outcome: Outcome


class ReportsQuery(RecordsQuery):
    """Where the page begins, and which reports."""

    closed: Annotated[bool, Field(description="Those that were handled, instead of the open ones.")] = False
