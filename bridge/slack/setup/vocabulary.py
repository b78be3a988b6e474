"""What people type instead of the words of ``/bridge``, in Japanese, where it can mean one thing alone."""

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "ヘルプ": "help", "使い方": "help",
    "設定": "setup", "接続": "connect",
    "アカウント": "accounts", "アカウント一覧": "accounts",
    "チャンネル": "channel", "担当者": "agents", "返信できるメンバー": "agents", "リーダー": "leads", "責任者": "owners",
    "営業時間": "hours", "定型文": "replies", "確認": "check",
    "履歴": "audit", "変更履歴": "audit", "監査": "audit", "言語": "language",
    "リード": "leads", "チェック": "check",
    "返信待ち": "queue", "自分の担当": "mine", "検索": "find",
}  # fmt: skip
"""By what they are called in the answers."""
VERBS: Mapping[str, str] = {
    "編集": "edit", "一時停止": "pause", "再開": "resume", "接続解除": "remove", "元に戻す": "restore",
    "変更": "edit", "設定": "edit", "停止": "pause", "解除": "remove", "接続を解除": "remove", "削除": "remove", "復元": "restore",
    "確認": "check", "チェック": "check", "再接続": "reconnect", "ログイン": "reconnect",
}  # fmt: skip
"""What may be done with one account."""
ADD = frozenset({"追加"})
DROP = frozenset({"削除", "外す"})
EVERYONE = frozenset({"全員"})
LIST = frozenset({"一覧"})
CHANNEL: Mapping[str, str] = {"ここ": "here", "アラート": "alerts"}
