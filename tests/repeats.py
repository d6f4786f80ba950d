"""Tests that only add to what a shorter test proves: skipped without `--long`, each listed with those shorter tests.

A row is the id of a test, or of a whole function, and the tests that prove the same below the browser or elsewhere.
`tests/test_repeats.py` checks that both exist.
"""

_KEYBOARD = "tests/browser/test_keyboard.py::test_a_whole_conversation_needs_no_mouse"
_TEAM = "tests/browser/test_first_minutes.py::test_a_team_of_five_meets_no_dead_end"
_COMPOSER = "tests/js/composer_model.test.mjs::"
_TIMELINE = "tests/js/timeline_controller.test.mjs::"
_ENGINES = "tests/browser/test_engines.py::"
_AXE = "tests/browser/test_axe.py::test_axe_finds_no_violation"
_TAKEN_OVER = "tests/browser/test_first_page.py::test_the_scripts_take_the_rows_over_and_nothing_moves"
_COUNTS = "tests/conformance/test_counts.py::test_the_counts_"
_BENCH = "tests/bench/test_scenarios.py::test_a_scenario_gives_its_figures_and_loses_nothing"

REPEATS: dict[str, tuple[str, ...]] = {
    # --- Conversations
    "tests/browser/test_conversation.py::test_a_new_display_name_appears_in_messages_members_and_sidebar": (
        "tests/js/store.test.mjs::a new name is the name of the member everywhere, and of the direct room",
        "tests/browser/test_settings.py::test_an_invalid_name_is_refused_beside_the_field_and_kept",
    ),
    "tests/browser/test_conversation.py::test_an_edit_reaches_the_other_person": (
        _KEYBOARD,
        "tests/js/edit_model.test.mjs::what was changed is saved, and the message is itself again",
    ),
    "tests/browser/test_conversation.py::test_arrow_up_in_an_empty_composer_edits_the_last_message": (
        _KEYBOARD,
        _COMPOSER + "the arrow up edits the last message from an empty box only",
    ),
    "tests/browser/test_conversation.py::test_a_message_marked_unread_stays_unread_until_the_room_is_reopened": (
        _TIMELINE + "marked unread, the line stands before that message; one of another room moves nothing",
        "tests/js/reading.test.mjs::marked unread, a message in view stays unread until the room is left",
        "tests/conformance/test_page.py::test_the_page_counts_after_random_acts_what_a_plain_model_counts",
    ),
    "tests/browser/test_conversation.py::test_emoji_by_name_are_large_when_alone": (
        "tests/browser/test_text.py::test_up_to_three_emoji_are_large",
        "tests/browser/test_text.py::test_every_common_emoji_name_is_known",
    ),
    "tests/browser/test_conversation.py::test_typing_is_shown_and_ends_with_the_message": (
        "tests/browser/test_screen_reader.py::test_typing_is_spoken_once",
        _COMPOSER + "only words say that somebody types",
    ),
    "tests/browser/test_conversation.py::test_presence_shows_a_person_who_connects": (
        "tests/js/store.test.mjs::who is here is unknown before a connection tells it, then as it says, "
        "and the reader always",
        "tests/browser/test_rooms.py::test_a_room_is_created_and_another_person_finds_and_joins_it",
    ),
    "tests/browser/test_conversation.py::test_mentions_are_counted_in_the_sidebar_and_the_title": (
        "tests/browser/test_profiles.py::test_a_mention_in_another_room_marks_title_and_icon_until_read",
        "tests/conformance/test_page.py::test_the_page_counts_it",
    ),
    # --- The composer and the keyboard
    "tests/browser/test_composer.py::test_keys_format_the_selection_and_undo_the_format": (
        _COMPOSER
        + "Ctrl and a letter mark what is selected, a second time unmark it; the selection stays on the words",
        "tests/browser/test_undo_and_enter.py::test_undo_reverts_completion_formatting_and_pasting_step_by_step",
    ),
    "tests/browser/test_composer.py::test_a_url_pasted_on_a_selection_makes_a_link": (
        _COMPOSER + "an address pasted over words links them; over nothing, or other words, it is pasted",
        "tests/browser/test_undo_and_enter.py::test_undo_reverts_completion_formatting_and_pasting_step_by_step",
    ),
    "tests/browser/test_composer.py::test_text_typed_before_the_answer_to_a_command_is_kept": (
        _COMPOSER + "a refused command comes back before what was typed since",
        _COMPOSER + "what was typed while a command was on its way stays",
    ),
    "tests/browser/test_undo_and_enter.py::test_enter_sends_from_a_tablet_keyboard_and_breaks_the_line_after_touch": (
        _COMPOSER + "Enter sends, unless the person, the keyboard or another key with it says otherwise",
    ),
    "tests/browser/test_keyboard.py::test_the_composer_has_the_focus_and_shift_enter_breaks_the_line": (
        _KEYBOARD,
        _COMPOSER + "Enter sends, unless the person, the keyboard or another key with it says otherwise",
    ),
    "tests/browser/test_keyboard.py::test_arrow_keys_move_between_messages_and_letters_act_on_them": (_KEYBOARD,),
    "tests/browser/test_keyboard.py::test_the_quick_switch_opens_a_room": (
        _ENGINES + "test_a_reader_switches_rooms_by_keyboard_and_reads_up_to_the_beginning",
    ),
    "tests/browser/test_keyboard.py::test_a_name_is_completed": (
        "tests/browser/test_composer.py::test_suggestions_appear_while_a_word_is_typed",
        _COMPOSER + "Enter takes the chosen suggestion in place of the word at the caret, and sends nothing",
        _COMPOSER + "Tab takes it, too; Shift Enter does not",
    ),
    "tests/browser/test_keyboard.py::test_a_text_over_the_limit_is_counted_and_not_sent": (
        _COMPOSER + "nothing and too much are not sent; what is left is counted in characters as people see them",
    ),
    # --- History
    "tests/browser/test_history.py::test_the_beginning_is_reached_and_named": (
        _ENGINES + "test_a_reader_switches_rooms_by_keyboard_and_reads_up_to_the_beginning",
    ),
    "tests/browser/test_history.py::test_new_messages_do_not_move_a_reader_further_up": (
        _TIMELINE + "a reader further up is not moved by what is said, and offered the way down with its number",
    ),
    "tests/browser/test_history.py::test_a_reader_with_90_unread_messages_is_led_to_the_first": (
        _TIMELINE + "a reader with something new begins at the line before it, a third of the view below the edge",
        _TIMELINE + "a line above the first page is not drawn, but offered",
    ),
    # --- Rooms
    "tests/browser/test_rooms.py::test_a_room_name_may_use_any_script_and_its_address_can_be_chosen": (
        "tests/pages/test_create.py::test_a_room_has_a_name_in_any_script_and_an_address",
        "tests/browser/test_rooms.py::test_a_room_is_created_and_another_person_finds_and_joins_it",
    ),
    "tests/browser/test_rooms.py::test_a_private_room_of_others_is_not_found": (
        "tests/browser/test_pages.py::test_a_hidden_room_and_an_absent_one_look_the_same",
    ),
    "tests/browser/test_rooms.py::test_a_removed_member_is_informed_and_receives_no_more_messages": (
        "tests/browser/test_screen_reader.py::test_a_mute_and_a_removal_are_spoken_at_once",
        "tests/services/test_moderation.py::test_a_kick_takes_charlie_out_and_he_may_come_back",
    ),
    "tests/browser/test_rooms.py::test_a_banned_member_reads_the_reason_and_the_end": (
        _TEAM,
        "tests/browser/test_pages.py::test_a_banned_person_reads_the_reason_and_the_end",
    ),
    "tests/browser/test_rooms.py::test_a_staff_announcement_reaches_other_people": (
        "tests/js/store.test.mjs::the last three announcements stand",
    ),
    "tests/browser/test_rooms.py::test_a_command_that_does_not_exist_keeps_what_was_typed": (
        "tests/browser/test_composer.py::test_an_unknown_command_is_kept_and_two_slashes_send_one",
    ),
    "tests/browser/test_rooms.py::test_the_chosen_theme_applies_before_the_first_paint": (
        "tests/pages/test_settings.py::test_the_theme_is_in_every_page_before_any_script",
        "tests/browser/test_settings.py::test_choices_are_saved_at_once_and_apply_in_the_chat",
    ),
    "tests/browser/test_rooms.py::test_an_owner_makes_a_moderator": (
        _TEAM,
        "tests/browser/test_conversation.py::test_a_deleted_message_disappears_for_both",
    ),
    "tests/browser/test_leaving_rooms.py::test_on_a_phone_the_only_owner_archives_the_room_instead": (
        "tests/browser/test_leaving_rooms.py::test_the_last_member_archives_and_one_of_two_owners_is_not_asked",
        "tests/browser/test_leaving_rooms.py::test_the_only_owner_chooses_by_keyboard_who_owns_the_room",
    ),
    # --- Settings
    "tests/browser/test_settings.py::test_settings_open_from_the_chat_and_link_back": (
        _ENGINES + "test_settings_apply_in_a_room_on_a_phone",
    ),
    "tests/browser/test_settings.py::test_enter_breaks_the_line_when_ctrl_enter_sends": (
        _COMPOSER + "Enter sends, unless the person, the keyboard or another key with it says otherwise",
        "tests/browser/test_settings.py::test_choices_are_saved_at_once_and_apply_in_the_chat",
    ),
    "tests/browser/test_settings.py::test_a_room_is_made_quieter_from_the_list": (
        "tests/pages/test_settings.py::test_a_room_is_made_quieter",
        "tests/browser/test_rooms.py::test_a_room_is_muted_and_left",
    ),
    "tests/browser/test_settings.py::test_another_session_is_signed_out": (
        "tests/pages/test_sessions.py::test_one_is_ended_and_the_others_stay",
        "tests/browser/test_connection_loss.py::test_a_sign_out_elsewhere_is_shown_and_keeps_the_draft",
    ),
    "tests/browser/test_settings.py::test_an_account_is_deleted_and_says_so_in_the_room": (
        "tests/pages/test_deleting_account.py::test_the_person_goes_and_what_they_wrote_stays",
    ),
    "tests/browser/test_notifications.py::test_the_quieter_of_room_and_personal_level_applies": (
        "tests/conformance/test_reaching.py::test_the_page_decides_as_the_server_does",
    ),
    # --- Without scripts: Django's test client is a browser without scripts
    "tests/browser/test_without_scripts.py::test_rooms_are_listed_with_unread_counts_that_reading_clears": (
        "tests/pages/test_plain.py::test_reading_moves_the_mark_but_looking_back_does_not",
        "tests/pages/test_plain.py::test_marks_are_read_and_people_are_shown_by_their_names",
    ),
    "tests/browser/test_without_scripts.py::test_history_is_read_in_pages": (
        "tests/pages/test_plain.py::test_reading_moves_the_mark_but_looking_back_does_not",
        "tests/queries/test_history.py::test_a_page",
    ),
    "tests/browser/test_without_scripts.py::test_settings_are_saved_by_their_buttons": (
        "tests/pages/test_settings.py::test_each_is_saved_by_itself",
    ),
    "tests/browser/test_without_scripts.py::test_a_hidden_room_and_an_absent_one_look_the_same": (
        "tests/pages/test_plain.py::test_who_is_banned_and_who_is_outside_reads_nothing",
        "tests/browser/test_pages.py::test_a_hidden_room_and_an_absent_one_look_the_same",
    ),
    # --- The same at another width, in another language or engine
    "tests/browser/test_phone.py::test_nothing_scrolls_sideways": (
        "tests/browser/test_axe.py::test_axe_finds_no_violation[narrowest-conversation]",
        "tests/browser/test_large_content.py::test_no_element_leaves_its_container[320]",
    ),
    **{
        f"tests/browser/test_large_content.py::test_no_element_leaves_its_container[{width}]": (
            "tests/browser/test_large_content.py::test_no_element_leaves_its_container[320]",
            f"{_AXE}[desktop-conversation]",
        )
        for width in (768, 1280)
    },
    "tests/browser/test_text_size.py::test_text_at_twice_its_size_is_not_cut_off[1280]": (
        "tests/browser/test_text_size.py::test_text_at_twice_its_size_is_not_cut_off[640]",
    ),
    "tests/browser/test_language.py::test_a_right_to_left_page_is_mirrored_and_not_too_wide[1280]": (
        "tests/browser/test_language.py::test_a_right_to_left_page_is_mirrored_and_not_too_wide[390]",
    ),
    "tests/browser/test_language.py::test_an_unknown_command_is_refused_in_german": (
        "tests/browser/test_language.py::test_plurals_dates_and_refusals_are_german",
    ),
    # The German page is heavier, and the limits are the same.
    "tests/browser/test_page_weight.py::test_the_first_visit_takes_few_requests_and_bytes[en-GB]": (
        "tests/browser/test_page_weight.py::test_the_first_visit_takes_few_requests_and_bytes[de-DE]",
    ),
    _ENGINES + "test_a_newcomer_signs_up_and_writes[chromium]": (
        _TEAM,
        "tests/accounts/test_gate.py::test_a_person_signs_up_and_comes_into_the_chat",
    ),
    _ENGINES + "test_a_reader_switches_rooms_by_keyboard_and_reads_up_to_the_beginning[chromium]": (
        "tests/browser/test_history.py::test_older_messages_load_without_moving_the_line_being_read",
        _ENGINES + "test_a_reader_switches_rooms_by_keyboard_and_reads_up_to_the_beginning[firefox]",
    ),
    _ENGINES + "test_a_message_written_offline_is_sent_once[chromium]": (
        "tests/browser/test_connection_loss.py::test_a_lost_ack_does_not_duplicate_the_message",
        "tests/browser/test_connection_loss.py::test_an_offline_member_misses_nothing",
    ),
    **{
        f"{_ENGINES}test_settings_apply_in_a_room_on_a_phone[{engine}]": (
            "tests/browser/test_settings.py::test_choices_are_saved_at_once_and_apply_in_the_chat",
            "tests/browser/test_phone.py::test_a_phone_goes_from_the_room_to_the_list_and_to_another_room",
            f"{_ENGINES}test_settings_apply_in_a_room_on_a_phone[webkit]",
        )
        for engine in ("chromium", "firefox")
    },
    f"{_AXE}[desktop-languages]": (
        f"{_AXE}[desktop-conversation]",
        "tests/browser/test_language.py::test_a_right_to_left_page_is_mirrored_and_not_too_wide[390]",
    ),
    **{
        f"{_TAKEN_OVER}[{look}-{width}]": (f"{_TAKEN_OVER}[{look}-{same_look}]", f"{_TAKEN_OVER}[{same_width}]")
        for look, same_look, others in (
            ("en-GB-dark-9", 390, {768: "de-DE-dark-0-768", 1280: "en-GB-light-0-1280"}),
            ("de-DE-dark-0", 768, {390: "en-GB-dark-9-390", 1280: "en-GB-light-0-1280"}),
            ("en-GB-light-0", 1280, {390: "en-GB-dark-9-390", 768: "de-DE-dark-0-768"}),
        )
        for width, same_width in others.items()
    },
    # --- Random acts; hypothesis generates new ones in each run
    **{
        f"{_COUNTS}after_random_acts_are_those_of_a_plain_model[{seed}]": (
            f"{_COUNTS}after_random_acts_are_those_of_a_plain_model[{seed % 4}]",
            f"{_COUNTS}after_any_acts_are_those_of_a_plain_model",
        )
        for seed in range(4, 16)
    },
    "tests/bench/test_working_day.py::test_everybody_gets_each_message_once": (
        "tests/bench/test_load.py",
        f"{_BENCH}[sockets]",
        f"{_BENCH}[away]",
    ),
    # --- Benchmarks, which share their harness, their clients and their servers
    **{
        f"{_BENCH}[{name}]": (f"{_BENCH}[latency]", f"{_BENCH}[{like}]", "tests/bench/test_load.py")
        for name, like in {
            "fanout": "burst",
            "ingest": "sockets",
            "queries": "notifications",
            "browser": "notifications",
            "lighthouse": "notifications",
            "page": "sockets",
            "processes": "room-size",
        }.items()
    },
}
