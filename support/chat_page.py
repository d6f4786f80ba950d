"""Locators for the parts of the chat page: by role and name, else by the `data-testid` that the component sets.

Class names belong to the style sheets, and are not used here. Scripts in the page and the engines of
`support.engines` use `[data-testid=…]`, too.
"""

from playwright.async_api import Locator, Page

# The body of a function: whether nothing is loading any more and the socket is connected.
CONNECTED = """
const part = (name) => document.querySelector(`[data-testid=${name}]`);
return part("account")?.dataset.connected === "true"
  && !part("rooms-loading") && !part("offline") && Boolean(part("toasts"))
  && document.querySelector("[role=log]").ariaBusy === "false";
"""


class ChatPage:
    """A page that shows a room, for any person."""

    def __init__(self, page: Page) -> None:
        self.page = page

    # --- The conversation ------------------------------------------------------------------------

    @property
    def timeline(self) -> Locator:
        """The scrolling log, which includes system lines and the rule above new messages."""
        return self.page.get_by_role("log")

    @property
    def rows(self) -> Locator:
        """All messages, sent or not."""
        return self.timeline.get_by_role("article")

    def row(self, text: str) -> Locator:
        """The message that contains `text`."""
        return self.rows.filter(has_text=text)

    @property
    def sent(self) -> Locator:
        """The messages that have a number."""
        return self.page.get_by_test_id("message")

    @property
    def texts_shown(self) -> Locator:
        return self.page.get_by_test_id("message-text")

    def text_of(self, text: str) -> Locator:
        return self.row(text).get_by_test_id("message-text")

    def author_of(self, text: str) -> Locator:
        return self.row(text).get_by_test_id("author")

    def reply_of(self, text: str) -> Locator:
        """The line that quotes the message replied to."""
        return self.row(text).get_by_test_id("reply")

    def files_of(self, text: str) -> Locator:
        """Pictures, films, sounds and rows of a message, sent or not."""
        return self.row(text).get_by_test_id("files")

    @property
    def pictures(self) -> Locator:
        return self.timeline.get_by_test_id("picture")

    @property
    def films(self) -> Locator:
        return self.timeline.get_by_test_id("film")

    @property
    def sounds(self) -> Locator:
        return self.timeline.get_by_test_id("sound")

    @property
    def mini_player(self) -> Locator:
        return self.dock.get_by_test_id("mini-player")

    @property
    def text_files(self) -> Locator:
        """The first lines of text files."""
        return self.timeline.get_by_test_id("text-file")

    @property
    def file_rows(self) -> Locator:
        return self.timeline.get_by_test_id("file")

    @property
    def sending_files(self) -> Locator:
        """The progress of sending a message's files."""
        return self.timeline.get_by_test_id("sending-files")

    @property
    def files_pane(self) -> Locator:
        """The files of the room."""
        return self.page.get_by_test_id("files-pane")

    @property
    def shared_links(self) -> Locator:
        """The links in the files pane."""
        return self.files_pane.get_by_test_id("shared-link")

    @property
    def lightbox(self) -> Locator:
        return self.page.get_by_test_id("lightbox")

    def delivery_of(self, text: str) -> Locator:
        """The status of a message that is not sent yet, or could not be."""
        return self.row(text).get_by_test_id("delivery")

    def reactions_of(self, text: str) -> Locator:
        """The buttons of reactions: one per emoji, then those to see more and to add."""
        return self.row(text).get_by_role("group", name="Reactions").get_by_role("button")

    @property
    def system_lines(self) -> Locator:
        return self.page.get_by_test_id("system-line")

    @property
    def new_rule(self) -> Locator:
        return self.timeline.get_by_role("separator")

    @property
    def first_new(self) -> Locator:
        """The message below the rule."""
        return self.new_rule.locator("+ article")

    @property
    def new_above(self) -> Locator:
        """The bar that scrolls up to the rule."""
        return self.page.get_by_test_id("new-above")

    @property
    def latest(self) -> Locator:
        """The button that scrolls down."""
        return self.page.get_by_test_id("latest")

    @property
    def typing(self) -> Locator:
        return self.page.get_by_test_id("typing")

    # --- Writing ---------------------------------------------------------------------------------

    @property
    def dock(self) -> Locator:
        """The composer and its surroundings, or its replacement for people who may not write."""
        return self.page.get_by_test_id("composer")

    @property
    def composer(self) -> Locator:
        """The text field."""
        return self.dock.get_by_role("textbox")

    @property
    def problem(self) -> Locator:
        """Why a command was refused."""
        return self.page.get_by_test_id("composer-problem")

    @property
    def attached(self) -> Locator:
        """The files of the next message."""
        return self.page.get_by_test_id("tray").get_by_test_id("tile")

    @property
    def not_attached(self) -> Locator:
        """Why a file was not attached."""
        return self.page.get_by_test_id("not-attached")

    @property
    def drop(self) -> Locator:
        """The overlay while a file is dragged over the page."""
        return self.page.get_by_test_id("drop")

    @property
    def replying_to(self) -> Locator:
        return self.page.get_by_test_id("replying-to")

    @property
    def not_in_room(self) -> Locator:
        """The line that names people of a message who are not in the room."""
        return self.page.get_by_test_id("not-in-room")

    @property
    def suggestions(self) -> Locator:
        return self.page.get_by_role("listbox")

    @property
    def chosen(self) -> Locator:
        """The suggestion, or the line of the quick switch, that Enter takes."""
        return self.page.get_by_role("option", selected=True)

    # --- The rooms -------------------------------------------------------------------------------

    @property
    def sidebar(self) -> Locator:
        return self.page.get_by_test_id("sidebar")

    @property
    def room_links(self) -> Locator:
        return self.page.get_by_test_id("room-link")

    def room_link(self, name: str) -> Locator:
        """The link with exactly this room name."""
        return self.room_links.filter(has=self.page.get_by_text(name, exact=True))

    def unread(self, name: str) -> Locator:
        """The number at the end of the room's link."""
        return self.room_link(name).get_by_test_id("unread")

    @property
    def account(self) -> Locator:
        """Who is signed in."""
        return self.page.get_by_test_id("account")

    # --- The room that is open -------------------------------------------------------------------

    @property
    def header(self) -> Locator:
        return self.page.get_by_test_id("room-header")

    @property
    def title(self) -> Locator:
        return self.header.get_by_role("heading", level=1)

    @property
    def member_count(self) -> Locator:
        """The button that opens the list of members."""
        return self.page.get_by_test_id("member-count")

    @property
    def member_list(self) -> Locator:
        return self.page.get_by_test_id("members")

    @property
    def members(self) -> Locator:
        return self.page.get_by_test_id("member")

    def member(self, name: str) -> Locator:
        return self.members.filter(has_text=name)

    # --- Over the page ---------------------------------------------------------------------------

    @property
    def dialog(self) -> Locator:
        return self.page.locator("dialog")

    @property
    def popover(self) -> Locator:
        """A menu, or anything else that opens beside a button; a sheet on a phone."""
        return self.page.get_by_test_id("popover")

    @property
    def toasts(self) -> Locator:
        return self.page.get_by_test_id("toast")

    @property
    def offline(self) -> Locator:
        return self.page.get_by_test_id("offline")

    @property
    def reconnected(self) -> Locator:
        return self.page.get_by_test_id("reconnected")

    @property
    def session_ended(self) -> Locator:
        return self.page.get_by_test_id("session-ended")

    @property
    def new_version(self) -> Locator:
        return self.page.get_by_test_id("new-version")

    @property
    def announcement(self) -> Locator:
        return self.page.get_by_test_id("announcement")
