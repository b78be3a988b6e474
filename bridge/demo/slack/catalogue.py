"""The methods of the Web API that the stand-in has: tier, scopes and arguments of each.

https://docs.slack.dev/reference/methods; scopes in braces stand for the family of the channel at hand.
"""

from bridge.model.word import Word

SCOPES = frozenset(
    [
        "chat:write",
        "chat:write.customize",
        "commands",
        "channels:read",
        "channels:history",
        "channels:join",
        "groups:read",
        "groups:history",
        "files:read",
        "files:write",
        "pins:write",
        "reactions:read",
        "reactions:write",
        "users:read",
        "usergroups:read",
        "im:write",
    ]
)
"""The bot's scopes unless a test says otherwise."""


class Method(Word, kw_only=True):
    """One method.

    tier: 1 to 4, calls per minute in `limits.TIERS`; 0: special, not counted here.
    token: which token it takes: ``bot``, ``app`` or ``none``.
    """

    tier: int
    scope: str = ""
    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    token: str = "bot"

    @property
    def arguments(self) -> frozenset[str]:
        """Every argument it takes."""
        return self.required | self.optional | {"token"}


def _method(tier: int, scope: str, required: str = "", optional: str = "", token: str = "bot") -> Method:
    return Method(
        tier=tier, scope=scope, required=frozenset(required.split()), optional=frozenset(optional.split()), token=token
    )


_AUTHOR = "username icon_url icon_emoji"
_PAGE = "limit cursor"
_STRETCH = f"{_PAGE} oldest latest inclusive include_all_metadata"

METHODS: dict[str, Method] = {
    "api.test": _method(4, "", "", "error", token="none"),
    "auth.test": _method(0, ""),
    "auth.teams.list": _method(2, "", "", f"{_PAGE} include_icon"),
    "auth.revoke": _method(3, "", "", "test"),
    "apps.connections.open": _method(3, "connections:write", token="app"),
    "apps.uninstall": _method(1, "", "client_id client_secret"),
    "oauth.v2.access": _method(
        0, "", "", "client_id client_secret code redirect_uri grant_type refresh_token", token="none"
    ),
    "team.info": _method(3, "team:read", "", "team"),
    "users.info": _method(4, "users:read", "user", "include_locale"),
    "users.list": _method(2, "users:read", "", f"{_PAGE} include_locale team_id"),
    "users.conversations": _method(3, "", "", f"{_PAGE} types exclude_archived team_id user"),
    "usergroups.list": _method(2, "usergroups:read", "", "include_users include_count include_disabled team_id"),
    "usergroups.users.list": _method(2, "usergroups:read", "usergroup", "include_disabled team_id"),
    "conversations.info": _method(3, "{family}:read", "channel", "include_num_members include_locale"),
    "conversations.list": _method(2, "", "", f"{_PAGE} types exclude_archived team_id"),
    "conversations.members": _method(4, "{family}:read", "channel", _PAGE),
    "conversations.history": _method(3, "{family}:history", "channel", _STRETCH),
    "conversations.replies": _method(3, "{family}:history", "channel ts", _STRETCH),
    "conversations.open": _method(3, "im:write", "", "users channel return_im prevent_creation"),
    "conversations.create": _method(2, "", "name", "is_private team_id"),
    "conversations.invite": _method(3, "", "channel users", "force"),
    "conversations.join": _method(3, "channels:join", "channel"),
    "chat.postMessage": _method(
        0,
        "chat:write",
        "channel",
        "text blocks attachments markdown_text thread_ts reply_broadcast unfurl_links unfurl_media mrkdwn parse"
        f" link_names metadata {_AUTHOR}",
    ),
    "chat.update": _method(
        3,
        "chat:write",
        "channel ts",
        "text blocks attachments metadata file_ids reply_broadcast link_names parse markdown_text",
    ),
    "chat.delete": _method(3, "chat:write", "channel ts"),
    "chat.postEphemeral": _method(
        4, "chat:write", "channel user", f"text blocks attachments markdown_text thread_ts parse link_names {_AUTHOR}"
    ),
    "chat.getPermalink": _method(0, "", "channel message_ts"),
    "reactions.add": _method(3, "reactions:write", "channel timestamp name"),
    "reactions.remove": _method(2, "reactions:write", "channel timestamp name"),
    "reactions.get": _method(3, "reactions:read", "channel timestamp", "full"),
    "files.getUploadURLExternal": _method(4, "files:write", "filename length", "alt_txt snippet_type"),
    "files.completeUploadExternal": _method(
        4, "files:write", "files", f"channel_id channels thread_ts initial_comment blocks {_AUTHOR}"
    ),
    "files.info": _method(4, "files:read", "file", f"{_PAGE} count page"),
    "files.delete": _method(3, "files:write", "file"),
    "views.open": _method(4, "", "view", "trigger_id interactivity_pointer"),
    "views.push": _method(4, "", "view", "trigger_id interactivity_pointer"),
    "views.update": _method(4, "", "view", "view_id external_id hash"),
    "views.publish": _method(4, "", "user_id view", "hash"),
    "pins.add": _method(2, "pins:write", "channel", "timestamp"),
    "pins.remove": _method(2, "pins:write", "channel", "timestamp"),
    "bookmarks.add": _method(2, "bookmarks:write", "channel_id title type", "link emoji entity_id parent_id"),
}
