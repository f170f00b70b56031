"""A stand-in for the Hugging Face Hub on 127.0.0.1: the routes that ``modelspec catalog add`` uses."""

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def safetensors(shapes, dtype="BF16", width=2):
    """A safetensors file whose header lists these tensors, and nothing behind it: weights must not be asked for."""
    header, at = {}, 0
    for name, shape in shapes.items():
        size = width
        for n in shape:
            size *= n
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + size]}
        at += size
    data = json.dumps(header).encode()
    return len(data).to_bytes(8, "little") + data


class Hub:
    """Repositories by name; each a mapping of file names to bytes. ``refused``: an answer instead, by name."""

    def __init__(self):
        self.repositories = {}
        self.refused = {}
        self.facts = {}
        self.asked = []
        self.tokens = set()
        self.url = ""


def _handler(hub):
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_):
            pass

        def do_HEAD(self):
            self.do_GET()

        def do_GET(self):
            hub.asked.append((self.command, self.path, self.headers.get("Range")))
            if token := self.headers.get("Authorization"):
                hub.tokens.add(token)
            parts = self.path.partition("?")[0].strip("/").split("/")
            if parts[:2] == ["api", "models"]:
                self._info("/".join(parts[2:4]), parts[5] if parts[4:5] == ["revision"] else "main")
            elif len(parts) > 3 and parts[2] == "resolve":
                self._file("/".join(parts[:2]), "/".join(parts[4:]))
            else:
                self._refuse(404, "EntryNotFound")

        def _info(self, name, revision):
            if name in hub.refused:
                self._refuse(*hub.refused[name])
            elif name not in hub.repositories:
                self._refuse(401, "RepoNotFound")
            elif revision not in {"main", "v2", COMMIT}:
                self._refuse(404, "RevisionNotFound")
            else:
                files = [{"rfilename": f, "size": len(d)} for f, d in hub.repositories[name].items()]
                info = {"id": name, "modelId": name, "sha": COMMIT, "siblings": files, "tags": [], "private": False}
                self._send(200, json.dumps(info | hub.facts.get(name, {})).encode(), "application/json")

        def _file(self, name, file):
            data = hub.repositories.get(name, {}).get(file)
            if data is None:
                self._refuse(404, "EntryNotFound")
                return
            headers = {"ETag": '"0"', "X-Repo-Commit": COMMIT}
            if span := self.headers.get("Range"):
                first, last = (int(n) for n in span.partition("=")[2].split("-"))
                part = data[first : last + 1]
                headers["Content-Range"] = f"bytes {first}-{first + len(part) - 1}/{len(data)}"
                self._send(206, part, headers=headers)
            else:
                self._send(200, data, headers=headers)

        def _refuse(self, status, code):
            self._send(status, b"{}", headers={"X-Error-Code": code, "X-Error-Message": code})

        def _send(self, status, data, kind="application/octet-stream", headers=None):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            for key, value in (headers or {}).items():
                self.send_header(key, value)
            self.end_headers()
            if self.command != "HEAD":
                self.wfile.write(data)

    return Handler


@contextmanager
def stand_in():
    """A hub that runs as long as the block."""
    hub = Hub()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(hub))
    hub.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
