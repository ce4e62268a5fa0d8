"""Telegram, played by gramlab: a process of its own, since gramlab wants Python 3.13.

Takes one JSON object a line (`do` names a method below, the rest are its arguments), and answers
with one. What people do that gramlab's own client cannot (photos, files, albums) is put into its
world the way its client puts in words.
"""

# pyright: reportMissingImports=false, reportArgumentType=false
# gramlab is installed for another Python, in an environment of its own.

import base64
import json
import sys
import uuid
from contextlib import contextmanager
from pathlib import Path

from gramlab._message_publication import MediaGroupPosition, MessageDraft
from gramlab.bot_api import BotAPIServer
from gramlab.documents import DocumentUpload
from gramlab.media import validate_image
from gramlab.world import World


class Telegram:
    """Two people, a bot, their private chats and a group."""

    def __init__(self, folder: Path) -> None:
        self.world = world = World.create(folder, seed=1, now=1_700_000_000)
        self.bot = world.create_user(
            first_name="Northlight", is_bot=True, username="northlight_bot"
        )
        self.people = {name: world.create_user(first_name=name) for name in ("Ann", "Bob")}
        ids = {name: person["id"] for name, person in self.people.items()}
        self.ids = ids
        # Private chats first: after a group's negative id, gramlab would count on from there.
        self.chats = {
            name: world.open_private_chat(user_id=number, bot_id=self.bot["id"])["id"]
            for name, number in ids.items()
        }
        group = world.create_group_chat(
            title="Club", creator_id=ids["Ann"], member_ids=[ids["Bob"]], bot_ids=[self.bot["id"]]
        )
        self.chats["Club"] = group["id"]

    def hello(self) -> dict:
        return {
            "token": self.world.issue_bot_token(self.bot["id"]),
            "ids": self.ids,
            "chats": self.chats,
        }

    def text(self, who: str, where: str, text: str) -> dict:
        entities = []
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            entities.append({"type": "bot_command", "offset": 0, "length": length})
        elif (at := text.find("@northlight_bot")) >= 0:
            entities.append({"type": "mention", "offset": at, "length": len("@northlight_bot")})
        return self._put(who, where, {"text": text} | ({"entities": entities} if entities else {}))

    def photo(self, who: str, where: str, data: str, caption: str = "") -> dict:
        return self._put(who, where, self._photo(data, caption))

    def document(self, who: str, where: str, data: str, name: str, caption: str = "") -> dict:
        with self._writing():
            upload = DocumentUpload(base64.b64decode(data), name)
            number = self.world._store_document(upload)
            self.world._document_file_identity(self.bot["id"], number)
        words = {"caption": caption} if caption else {}
        return self._put(who, where, {"document": {"document_id": str(number)}} | words)

    def album(self, who: str, where: str, photos: list[str], caption: str = "") -> list:
        with self._writing() as connection:
            group = self.world._allocate_media_group_id()
            row = (group, self.chats[where], "photo", len(photos))
            connection.execute("INSERT INTO media_groups VALUES (?, ?, ?, ?)", row)
        contents = [self._photo(data, "" if n else caption) for n, data in enumerate(photos)]
        with self._writing():
            return [
                self._publish(who, where, content, MediaGroupPosition(group, n))
                for n, content in enumerate(contents)
            ]

    def tap(self, who: str, where: str, message: int, data: str) -> dict:
        return self.world.create_callback(
            user_id=self.ids[who], chat_id=self.chats[where], message_id=message, data=data,
            request_id=uuid.uuid4().hex, version=6,
        )  # fmt: skip

    def notice(self, who: str, callback: str) -> dict:
        return self.world.get_callback(user_id=self.ids[who], callback_id=callback)

    def history(self, where: str) -> list:
        return self.world.history(self.chats[where])

    def contents(self, who: str, message: dict) -> str:
        if "photo" in message:
            _, data = self.world.granted_asset(self.ids[who], message["photo"]["asset_id"])
        else:
            number = message["document"]["document_id"]
            _, data = self.world.granted_document(self.ids[who], number)
        return base64.b64encode(data).decode()

    def _photo(self, data: str, caption: str) -> dict:
        with self._writing():
            asset = self.world._store_asset(validate_image(base64.b64decode(data)))
            self.world._file_identity(self.bot["id"], asset)
        return {"text": "", "photo": {"asset_id": asset}} | (
            {"caption": caption} if caption else {}
        )

    def _put(self, who: str, where: str, content: dict) -> dict:
        with self._writing():
            return self._publish(who, where, content)

    def _publish(self, who: str, where: str, content: dict, group: object = None) -> dict:
        draft = MessageDraft(self.chats[where], self.ids[who], content, group)
        return self.world._messages.publish(draft=draft)

    @contextmanager
    def _writing(self):  # noqa: ANN202
        with self.world._connection as connection:
            connection.execute("BEGIN IMMEDIATE")
            yield connection


def main() -> None:
    folder = Path(sys.argv[1])
    telegram = Telegram(folder)
    with BotAPIServer(folder) as server:
        print(json.dumps(telegram.hello() | {"url": server.base_url}), flush=True)  # noqa: T201 - the answer
        for line in sys.stdin:
            wish = json.loads(line)
            try:
                answer = {"ok": getattr(telegram, wish.pop("do"))(**wish)}
            except Exception as error:
                answer = {"error": f"{type(error).__name__}: {error}"}
            print(json.dumps(answer), flush=True)  # noqa: T201 - the answer


if __name__ == "__main__":
    main()
