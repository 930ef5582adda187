"""A small AWX: the part of its API that the modules of awx.awx speak to, in memory.

It keeps what it is given, gives it back as AWX does (secrets encrypted, related addresses), and
refuses what AWX refuses (``rules``).
"""

from __future__ import annotations

import contextlib
import copy
import json
import re
import threading
import urllib.parse
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from awx import rules

Item = dict[str, Any]

TOKEN = "t0kenzqxq"
SECRET = "$encrypted$"

#: Keys that lead to other objects, by their collections.
KEYS = {
    "organization": "organizations",
    "credential_type": "credential_types",
    "project": "projects",
    "source_project": "projects",
    "inventory": "inventories",
    "default_environment": "execution_environments",
    "execution_environment": "execution_environments",
}

#: What is made by a POST, with what AWX cannot do without.
COLLECTIONS = {
    "organizations": ("name",),
    "execution_environments": ("name", "image"),
    "credential_types": ("name", "kind", "inputs", "injectors"),
    "credentials": ("name", "credential_type", "inputs"),
    "projects": ("name", "scm_type", "scm_url"),
    "inventories": ("name", "organization"),
    "inventory_sources": ("name", "inventory", "source", "source_path"),
    "job_templates": ("name", "inventory", "project", "playbook"),
    "schedules": ("name", "rrule", "unified_job_template"),
    "notification_templates": ("name",),
    "project_updates": (),
}

LISTS = {
    *("credentials", "labels", "instance_groups", "notification_templates_started"),
    *("notification_templates_success", "notification_templates_error"),
}


class Awx:
    """The objects, and what was asked for.

    :ivar objects: by collection.
    :ivar links: by object and list, the ids of what belongs to it.
    :ivar surveys: by id of the template.
    :ivar writes: every POST and PATCH, but those of login.
    """

    def __init__(self, playbooks: list[str], files: list[str]) -> None:
        """
        :param playbooks: those in the project.
        :param files: those in the project that can be an inventory.
        """
        self.playbooks, self.files = playbooks, files
        self.objects: dict[str, list[Item]] = {name: [] for name in COLLECTIONS}
        self.links: dict[tuple[int, str], list[int]] = {}
        self.surveys: dict[int, Item] = {}
        self.writes: list[str] = []
        self._last = 0
        self._lock = threading.Lock()
        self.add("credential_types", {"name": "Machine", "kind": "ssh", "inputs": {}})

    def add(self, collection: str, fields: Item) -> Item:
        """Put an object there, without asking whether it is right."""
        self._last += 1
        url = f"/api/v2/{collection}/{self._last}/"
        item = {**fields, "id": self._last, "url": url, "type": collection.rstrip("s")}
        item["related"] = {
            "survey_spec": url + "survey_spec/",
            "update": url + "update/",
        }
        item["summary_fields"] = {}
        self.objects[collection].append(item)
        if collection == "projects":
            update = self.add("project_updates", {"status": "successful"})
            item["scm_revision"] = "0" * 40
            item["summary_fields"] = {"current_update": {"id": update["id"]}}
        return item

    def named(self, collection: str, name: str) -> Item:
        """The object of that name."""
        (found,) = [item for item in self.objects[collection] if item["name"] == name]
        return found

    def answer(self, method: str, path: str, query: Item, body: Item) -> tuple[int, Any]:
        """Status and document."""
        with self._lock:
            try:
                return self._answer(method, path.strip("/").split("/")[2:], query, body)
            except rules.Refused as error:
                return 400, {"detail": str(error)}

    def _answer(self, method: str, parts: list[str], query: Item, body: Item) -> tuple[int, Any]:
        if parts == ["tokens"]:
            return 201, {"id": 1, "token": TOKEN}
        if parts[0] == "tokens":
            return 204, None
        if method in ("POST", "PATCH"):
            self.writes.append(f"{method} {'/'.join(parts)}")
        if parts == ["unified_job_templates"]:
            return 200, _page(_found(self.objects["job_templates"], query))
        if parts[0] not in self.objects:
            return 404, {"detail": "Not found."}
        if len(parts) == 1:
            if method == "POST":
                self._check(parts[0], body, None)
                return 201, _shown(self.add(parts[0], body), self.objects)
            shown = [_shown(item, self.objects) for item in _found(self.objects[parts[0]], query)]
            return 200, _page(shown)
        item = next(one for one in self.objects[parts[0]] if one["id"] == int(parts[1]))
        if len(parts) == 2:
            return self._one(method, parts[0], item, body)
        return self._below(method, item, parts[2], body)

    def _one(self, method: str, collection: str, item: Item, body: Item) -> tuple[int, Any]:
        if method == "PATCH":
            self._check(collection, {**item, **body}, item)
            item.update(body)
        return 200, _shown(item, self.objects)

    def _below(self, method: str, item: Item, name: str, body: Item) -> tuple[int, Any]:
        if name == "survey_spec":
            if method == "POST":
                rules.survey(body)
                self.surveys[item["id"]] = body
            return 200, self.surveys.get(item["id"], {})
        rules.require(name in LISTS, f"there is no list {name}")
        links = self.links.setdefault((item["id"], name), [])
        if method == "GET":
            return 200, _page([{"id": number} for number in links])
        if body.get("disassociate"):
            links.remove(body["id"])
        else:
            links.append(body["id"])
        return 204, None

    def _check(self, collection: str, item: Item, known: Item | None) -> None:
        """What AWX refuses."""
        for name in COLLECTIONS[collection]:
            rules.require(item.get(name) not in (None, "", {}), f"{name} is required")
        for name, place in KEYS.items():
            if item.get(name):
                ids = [one["id"] for one in self.objects[place]]
                rules.require(item[name] in ids, f"{name} {item[name]} is not there")
        twins = [one for one in self.objects[collection] if one.get("name") == item["name"]]
        rules.require(not [one for one in twins if one is not known], "the name is in use")
        check = getattr(self, "_check_" + collection, None)
        if check:
            check(item)

    def _check_credential_types(self, item: Item) -> None:
        rules.credential_type(item)

    def _check_credentials(self, item: Item) -> None:
        (kind,) = [
            o for o in self.objects["credential_types"] if o["id"] == item["credential_type"]
        ]
        ids = [field["id"] for field in kind["inputs"]["fields"]]
        rules.require(set(item["inputs"]) <= set(ids), "inputs that the type does not have")
        missing = [name for name in kind["inputs"]["required"] if not item["inputs"].get(name)]
        rules.require(not missing, f"{missing} are required")
        for field in kind["inputs"]["fields"]:
            value = item["inputs"].get(field["id"])
            rules.require(
                not value or value in field.get("choices", [value]), f"{value!r} is no choice"
            )

    def _check_job_templates(self, item: Item) -> None:
        rules.require(item["playbook"] in self.playbooks, "Playbook not found for project.")

    def _check_inventory_sources(self, item: Item) -> None:
        kind = ""
        if item.get("credential"):
            (found,) = [o for o in self.objects["credentials"] if o["id"] == item["credential"]]
            types = {one["id"]: one["kind"] for one in self.objects["credential_types"]}
            kind = types[found["credential_type"]]
        rules.inventory_source(item, kind)
        rules.require(item["source_path"] in self.files, f"{item['source_path']} is not there")

    def _check_schedules(self, item: Item) -> None:
        questions = self.surveys.get(item["unified_job_template"], {}).get("spec", [])
        rules.schedule(item, [one["variable"] for one in questions], False)


def _found(items: list[Item], query: Item) -> list[Item]:
    """Those that a query asks for; ``or__`` takes either."""
    either = {key[4:]: value for key, value in query.items() if key.startswith("or__")}
    every = {key: value for key, value in query.items() if not key.startswith("or__")}
    return [
        item
        for item in items
        if all(str(item.get(key)) == value for key, value in every.items())
        and (not either or any(str(item.get(key)) == value for key, value in either.items()))
    ]


def _page(items: list[Item]) -> Item:
    return {"count": len(items), "next": None, "previous": None, "results": items}


def _shown(item: Item, objects: dict[str, list[Item]]) -> Item:
    """An object as AWX shows it: nobody reads a secret again."""
    shown = copy.deepcopy(item)
    if "credential_type" in item:
        (kind,) = [
            one for one in objects["credential_types"] if one["id"] == item["credential_type"]
        ]
        for field in kind["inputs"].get("fields", []):
            if field.get("secret") and shown["inputs"].get(field["id"]):
                shown["inputs"][field["id"]] = SECRET
    return shown


@contextlib.contextmanager
def serving(awx: Awx) -> Iterator[str]:
    """AWX at an address, until the end."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _serve(self) -> None:
            parsed = urllib.parse.urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            is_known = self.headers.get("Authorization") == f"Bearer {TOKEN}"
            status, document = 401, None
            if is_known or re.search(r"/tokens/", parsed.path):
                query = dict(urllib.parse.parse_qsl(parsed.query))
                status, document = awx.answer(self.command, parsed.path, query, body)
            text = b"" if document is None else json.dumps(document).encode()
            self.send_response(status)
            self.send_header("X-API-Product-Name", "AWX")
            self.send_header("X-API-Product-Version", "24.6.1")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(text)))
            self.end_headers()
            self.wfile.write(text)

        do_GET = do_POST = do_PATCH = do_DELETE = _serve

        def log_message(self, *_arguments: Any) -> None:
            """Nothing is printed."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
