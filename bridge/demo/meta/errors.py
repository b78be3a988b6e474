"""The Graph API's errors, by code and subcode. Nothing here knows who asked for what.

Meta's table: https://developers.facebook.com/docs/messenger-platform/error-codes
"""

from collections.abc import Mapping
from typing import Any, Final

MEANINGS: Final[Mapping[str, str]] = {
    "1": "An unknown error has occurred.",
    "2": "Service temporarily unavailable",
    "4": "Application request limit reached",
    "10": "Application does not have permission for this action",
    "10/1893063": "This Page is temporarily restricted from sending messages.",
    "10/2018108": "This person cannot receive messages from you right now.",
    "10/2018278": "This message is sent outside of allowed window.",
    "10/2534022": "This message is sent outside of allowed window.",
    "10/2534077": "The link between the Instagram account and the Page cannot be checked.",
    "100": "Invalid parameter",
    "100/33": "Unsupported request. The object does not exist or cannot be loaded due to missing permissions.",
    "100/2018001": "No matching user found",
    "100/2018008": "Failed to fetch the file from the url",
    "100/2018014": "A message and a sender_action cannot be sent together.",
    "100/2018047": "Upload attachment failure. Usually the type does not fit the file.",
    "100/2018074": "Invalid attachment id: it does not exist, is not yours or has expired.",
    "100/2018109": "The attachment is larger than allowed.",
    "100/2018218": "There is no profile available for this user.",
    "100/2534013": "The Page is not linked to an Instagram account.",
    "100/2534014": "No matching Instagram user",
    "100/2534015": "Invalid message data",
    "100/2534025": "Invalid comment for a private reply",
    "100/2534037": "This app is not the owner of the thread.",
    "102": "Session key invalid or no longer valid",
    "190": "Invalid OAuth access token - Cannot parse access token",
    "190/458": "Error validating access token: The user has not authorized the application.",
    "190/459": "Error validating access token: You cannot access the app till you log in and follow the instructions given.",
    "190/460": "Error validating access token: The session has been invalidated because the user changed their password.",
    "190/463": "Error validating access token: Session has expired.",
    "190/464": "Error validating access token: The user is not a confirmed user.",
    "190/467": "Error validating access token: The session is invalid because the user logged out.",
    "190/492": "Error validating access token: The session user lost their role on the Page.",
    "200": "Permissions error",
    "200/2534041": "The owner of this Instagram account does not allow access to messages.",
    "230": "User consent is required to access user profile",
    "368": "The action attempted has been deemed abusive or is otherwise disallowed",
    "551/1545041": "This person is not available right now.",
    "613": "Calls to this api have exceeded the rate limit.",
    "613/2534040": "Too many messaging calls for this Instagram account.",
    "2018300": "Another app is controlling this thread now.",
    "2500": "Unknown path components",
    "36103": "The Instagram account is not eligible for the messaging API.",
    "80002": "There have been too many calls to this Instagram account.",
    "80006": "There have been too many messaging calls to this Page account.",
    "9000001": "The message was deleted, or is older than the last 20 messages of its conversation.",
    "9010": "No matching Instagram user",
}

_TRANSIENT: Final = {1, 2, 4, 17, 32, 341, 613, 1200, 80001, 80002, 80006}


class GraphError(Exception):
    """A refusal in Meta's shape; `code` and `subcode` are what a client decides on, the text is localised."""

    def __init__(self, code: int, subcode: int | None = None, message: str | None = None, *, status: int = 400) -> None:
        self.code = code
        self.subcode = subcode
        self.status = status
        name = self.name
        self.message = message or MEANINGS.get(name) or MEANINGS.get(str(code)) or "An error has occurred."
        super().__init__(f"{name}: {self.message}")

    @property
    def name(self) -> str:
        """`code` or `code/subcode`, as the fact sheets and the tests write it."""
        return str(self.code) if self.subcode is None else f"{self.code}/{self.subcode}"

    @classmethod
    def named(cls, name: str, *, status: int | None = None) -> "GraphError":
        """The error written as `10/2018278`, `190` or `2`."""
        code, _, subcode = name.partition("/")
        return cls(int(code), int(subcode) if subcode else None, status=status or 400)

    def body(self, trace: str, *, instagram_login: bool) -> dict[str, Any]:
        """The JSON that carries it; `trace` is the id a client should keep."""
        kind = "IGApiException" if instagram_login and self.code in {100, 2500} else "OAuthException"
        error: dict[str, Any] = {"message": f"(#{self.code}) {self.message}", "type": kind, "code": self.code}
        if self.subcode is not None:
            error["error_subcode"] = self.subcode
        if self.code in _TRANSIENT:
            error["is_transient"] = True
        return {"error": error | {"fbtrace_id": trace}}
