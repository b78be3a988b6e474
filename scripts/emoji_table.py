"""Write bridge/slack/emoji.json from the emoji.json of the npm package emoji-datasource.

Usage: python scripts/emoji_table.py path/to/emoji-datasource/emoji.json

The table maps each short name to its characters: under "toned" those that take a skin tone, under "plain" the others.
A tone is not stored: `bridge.slack.emoji` puts it after the first code point, and this script checks that rule.
"""

import json
import sys
from pathlib import Path

from bridge.slack.emoji import TONES, with_tone

TARGET = Path(__file__).parent.parent / "bridge" / "slack" / "emoji.json"


def characters(unified: str) -> str:
    """Return the text for code points written as ``1F44B-1F3FD``."""
    return "".join(chr(int(code, 16)) for code in unified.split("-"))


def takes_tone(entry: dict[str, object]) -> bool:
    """Say whether all five tones exist; raise if one is not made by the rule. Pairs of tones are left aside."""
    variations = entry.get("skin_variations")
    single = {f"{ord(tone):X}": tone for tone in TONES.values()}
    if not isinstance(variations, dict) or not single.keys() <= variations.keys():
        return False
    for code, tone in single.items():
        expected = characters(variations[code]["unified"])
        if with_tone(characters(str(entry["unified"])), tone) != expected:
            raise ValueError(f"{entry['short_name']} does not follow the rule for tones")
    return True


def main(source: Path) -> None:
    """Read the package's table and write ours, sorted, so that a new version shows as a small difference."""
    table: dict[str, dict[str, str]] = {"plain": {}, "toned": {}}
    for entry in json.loads(source.read_text(encoding="utf-8")):
        group = table["toned" if takes_tone(entry) else "plain"]
        for name in entry["short_names"]:
            group[name] = characters(entry["unified"])
    TARGET.write_text(json.dumps(table, ensure_ascii=False, sort_keys=True, indent=0) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
