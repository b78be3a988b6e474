"""The agent's side, whole: files, windows, what the bridge says by itself."""

revision: str = "0004"
down_revision: str | None = "0003"


def upgrade() -> None:
    """Nothing is different yet."""
