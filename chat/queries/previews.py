"""Previews of the pages that messages link to."""

from collections import defaultdict
from collections.abc import Sequence

from chat.models import LinkedPage, Preview
from chat.protocol import events


def facts_of(preview: Preview, page: LinkedPage) -> events.PreviewFacts:
    """Return what a message shows of a linked page."""
    image = None
    if page.picture and page.width and page.height:
        image = events.PreviewImage(
            url=f"/previews/{preview.key}", width=page.width, height=page.height, large=page.large
        )
    return events.PreviewFacts(
        url=preview.url, title=page.title, description=page.description, site=page.site, image=image
    )


def previews_of(message_ids: Sequence[int]) -> dict[int, list[events.PreviewFacts]]:
    """Return the previews of these messages, in their order, by message id. One query, none for no messages."""
    found: dict[int, list[events.PreviewFacts]] = defaultdict(list)
    if message_ids:
        rows = Preview.objects.filter(message__in=message_ids, removed=False).select_related("page")
        for preview in rows.order_by("message_id", "position"):
            found[preview.message_id].append(facts_of(preview, preview.page))
    return found
