"""The scenes, in the order in which a person would reach the states."""

from tools.screenshots.scenes.beside import beside, lists
from tools.screenshots.scenes.chat import composer, conversation, dialogs, languages, members, rooms
from tools.screenshots.scenes.files import files, files_of_room, files_on_their_way
from tools.screenshots.scenes.losses import losses
from tools.screenshots.scenes.notifications import notifications
from tools.screenshots.scenes.pages import account, administration, api, errors, gates, manage, without
from tools.screenshots.stage import Scene

SCENES: tuple[Scene, ...] = (
    gates,
    account,
    manage,
    errors,
    api,
    conversation,
    composer,
    dialogs,
    members,
    beside,
    lists,
    rooms,
    losses,
    languages,
    without,
    notifications,
    files,
    files_of_room,
    files_on_their_way,
)

# Screens of another project, except for their colours, are pictured, not audited.
PICTURED: tuple[Scene, ...] = (*SCENES, administration)
