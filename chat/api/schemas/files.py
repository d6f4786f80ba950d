"""Files."""

from typing import Annotated

from pydantic import Field

from chat.api.schemas.base import Body
from chat.protocol.fields import FILE_DESCRIPTION_MAX, FILE_ID, FILE_NAME_MAX


class Picture(Body):
    """A picture that was uploaded, by its id."""

    file: Annotated[str, Field(pattern=f"^{FILE_ID}$")]


class FileChange(Body):
    """Fields that are left out stay as they are."""

    name: Annotated[str, Field(min_length=1, max_length=FILE_NAME_MAX)] | None = None
    description: Annotated[str, Field(max_length=FILE_DESCRIPTION_MAX)] = ""
    # False: from then on the message shows a picture or film like any other file.
    preview: bool = True
