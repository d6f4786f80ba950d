"""URLs of the chat's pages and of its API: the project includes them under any prefix."""

from django.urls import include, path, register_converter

from chat.api import downloads
from chat.models.rooms import SLUG_PATTERN
from chat.pages import (
    component,
    create,
    forwards,
    inbox,
    mail_links,
    no_script,
    notification_settings,
    own_data,
    picture_form,
    pins,
    pwa,
    room,
    room_settings,
    saved,
    search,
    settings,
    token_settings,
    versions,
)
from chat.pages.room_names import named
from chat.protocol.fields import FILE_ID


class SlugConverter:
    regex = SLUG_PATTERN

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class FileIdConverter(SlugConverter):
    regex = FILE_ID


register_converter(SlugConverter, "room_slug")
register_converter(FileIdConverter, "file_id")

app_name = "chat"
urlpatterns = [
    path("api/v1/", include("chat.api.urls")),
    path("", room.home, name="home"),
    path("rooms/", create.create, name="rooms"),
    path("rooms/<room_slug:slug>/", named(room.room), name="room"),
    path("rooms/<room_slug:slug>/settings/", named(room_settings.room_settings), name="room_settings"),
    path("rooms/<room_slug:slug>/messages/", named(no_script.post), name="room_messages"),
    path("rooms/<room_slug:slug>/messages/<int:seq>/forward/", named(forwards.forward), name="room_forward"),
    path("rooms/<room_slug:slug>/messages/<int:seq>/forward/send/", named(forwards.send), name="room_forward_send"),
    path("rooms/<room_slug:slug>/messages/<int:seq>/versions/", named(versions.versions), name="room_versions"),
    path("rooms/<room_slug:slug>/pins/", named(pins.pin), name="room_pins"),
    path("rooms/<room_slug:slug>/saved/", named(saved.save), name="room_saved"),
    path("rooms/<room_slug:slug>/join/", named(no_script.join), name="room_join"),
    path("rooms/<room_slug:slug>/scheduled/<int:schedule>/", named(inbox.scheduled), name="scheduled"),
    path("rooms/<room_slug:slug>/read-all/", named(no_script.read_all), name="read_all"),
    path("files/<file_id:key>/thumb/480", downloads.thumbnail, {"side": "480"}, name="file_thumb_480"),
    path("files/<file_id:key>/thumb/1600", downloads.thumbnail, {"side": "1600"}, name="file_thumb_1600"),
    path("files/<file_id:key>/<str:name>", downloads.download, name="file"),
    path("previews/<file_id:key>", downloads.preview, name="preview"),
    path("emoji/<file_id:key>", downloads.picture, {"side": "128"}, name="emoji"),
    path("emoji/<file_id:key>/still", downloads.picture, {"side": "still"}, name="emoji_still"),
    path("pictures/<file_id:key>/128", downloads.picture, {"side": "128"}, name="picture_128"),
    path("pictures/<file_id:key>/512", downloads.picture, {"side": "512"}, name="picture_512"),
    path("component/<room_slug:slug>/rows/", component.rows, name="component_rows"),
    path("component/<room_slug:slug>/post/", component.post, name="component_post"),
    path("search/", search.search, name="search"),
    path("manifest.webmanifest", pwa.manifest, name="manifest"),
    path("sw.js", pwa.worker, name="worker"),
    path("csrf/", pwa.csrf_token, name="csrf"),
    path("offline/", pwa.offline, name="offline"),
    path("settings/", settings.overview, name="settings"),
    path("settings/profile/", settings.profile, name="settings_profile"),
    path("settings/picture/", picture_form.picture, name="settings_picture"),
    path("settings/tokens/", token_settings.issue, name="settings_token_new"),
    path("settings/tokens/<int:token_id>/", token_settings.revoke, name="settings_token"),
    path("settings/data/", own_data.start, name="settings_data"),
    path("settings/data/<int:export_id>/download/", own_data.download, name="settings_export"),
    path("settings/preferences/", settings.set_preferences, name="settings_preferences"),
    path("settings/language/", settings.language, name="settings_language"),
    path("settings/rooms/<room_slug:slug>/", settings.room_notify, name="settings_room"),
    path("settings/attention/", notification_settings.attention, name="settings_attention"),
    path("settings/pause/", notification_settings.pause, name="settings_pause"),
    path("settings/push/test/", notification_settings.test, name="settings_push_test"),
    path("settings/devices/<int:device_id>/", notification_settings.device_end, name="settings_device"),
    path("settings/mail/confirm/", notification_settings.mail_confirm, name="settings_mail_confirm"),
    path("settings/mail/confirm/<str:token>/", mail_links.confirm, name="mail_confirm"),
    path("unsubscribe/<str:token>/", mail_links.unsubscribe, name="unsubscribe"),
]
